// SPDX-License-Identifier: Apache-2.0
//
// Sketches of a member's clients, written by processes that are killed: at any instruction, and while others go on.
// Caught if: there is an instruction at which a kill leaves a sketch that counts wrongly from then on; or if what one
// process writes or sweeps loses what another has written.
#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "core/counting/sketch.hpp"
#include "test/shared/stepped.hpp"
#include "test/shared/world.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using base::TimeUs;
using counting::Sketch;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr base::DurationUs kLifetime{1800 * kSecond}, kOther{7200 * kSecond};
constexpr TimeUs kNow{1'700'000'000 * kSecond};
constexpr std::uint32_t kPlace = 1;

// SplitMix64, by Steele, Lea and Flood.
std::uint64_t digest_of(std::uint64_t number)
{
    auto mixed = (number + 1) * 0x9E3779B97F4A7C15;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    return mixed ^ mixed >> 31;
}

void come(const Sketch &sketch, std::uint64_t first, std::uint64_t end, TimeUs now = kNow)
{
    for (auto i = first; i < end; ++i)
        sketch.note(digest_of(i), now);
}

std::uint64_t counted(const Sketch &sketch, TimeUs now = kNow)
{
    sketch.sweep(now);
    return sketch.seen(now).sessions;
}

struct Sketches {
    World world{{4, 2}};
    Sketch sketch{world.block, kPlace};
    SharedMemory copy_memory{world.memory().size_bytes()};

    Sketches() { sketch.count_for(kLifetime, kNow); }

    shm::Block copy()
    {
        std::memcpy(copy_memory.bytes(), world.memory().bytes(), copy_memory.size_bytes());
        shm::Block copied;
        const auto attached = shm::attach(copy_memory.bytes(), copy_memory.size_bytes());
        BOOST_TEST_REQUIRE(attached.region.block_at(world.block.offset(), copied));
        return copied;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sketches_test, Sketches)

// Behind each step the server goes on, or starts again with either lifetime: nobody is there who never was, and
// whoever comes is counted.
BOOST_AUTO_TEST_CASE(killed_while_it_counts_sweeps_or_starts_afresh)
{
    constexpr std::uint64_t kBefore = 8, kMeanwhile = 3, kAfter = 5;
    come(sketch, 0, kBefore);
    Stepped child([&] {
        come(sketch, kBefore, kBefore + kMeanwhile);
        sketch.sweep(kNow);
        sketch.count_for(kOther, kNow);
        come(sketch, kBefore, kBefore + kMeanwhile);
    });
    std::uint32_t steps = 0;
    do {
        ++steps;
        if (steps % 7 != 0)  // a copy takes longer than a step
            continue;
        for (const auto &lifetime : {kLifetime, kOther}) {
            const Sketch left(copy(), kPlace);
            left.count_for(lifetime, kNow);
            come(left, 100, 100 + kAfter);
            const auto count = counted(left);
            BOOST_TEST_REQUIRE(count >= kAfter - 1, "killed behind step " << steps);
            BOOST_TEST_REQUIRE(count <= kBefore + kMeanwhile + kAfter,
                               "killed behind step " << steps << ": " << count);
        }
    } while (child.step());
    BOOST_TEST(steps > 1000u);
    BOOST_TEST(counted(sketch) == kMeanwhile);
}

BOOST_AUTO_TEST_CASE(processes_count_together_while_one_sweeps_and_others_are_killed)
{
    constexpr std::uint64_t kEach = 20'000;
    constexpr int kProcesses = 3, kKilled = 20;
    std::vector<pid_t> children;
    for (int process = 0; process < kProcesses; ++process)
        if (children.push_back(fork()); children.back() == 0) {
            const auto first = static_cast<std::uint64_t>(process) * kEach;
            for (int round = 0; round < 20; ++round)
                come(sketch, first, first + kEach, {kNow.us + round * kSecond});
            _exit(0);
        }
    for (int i = 0; i < kKilled; ++i) {
        const auto victim = fork();
        if (victim == 0)
            for (;;)
                come(sketch, 0, kEach);  // those of the first process
        for (int second = 0; second < 20; ++second)
            sketch.sweep({kNow.us + second * kSecond});
        kill(victim, SIGKILL);
        waitpid(victim, nullptr, 0);
    }
    for (const auto child : children)
        waitpid(child, nullptr, 0);
    const auto count = static_cast<double>(counted(sketch, {kNow.us + 20 * kSecond}));
    BOOST_TEST(std::abs(count / (kProcesses * kEach) - 1) < 0.05);
}

BOOST_AUTO_TEST_SUITE_END()
