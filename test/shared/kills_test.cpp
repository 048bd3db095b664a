// SPDX-License-Identifier: Apache-2.0
//
// The battery over processes that are killed at any instruction, while others go on.
// Caught if: a killed process leaves a gauge, a waiter, a lock or half a record behind; if a limit
// is passed because it counted too little of it; if somebody waits for ever because it was to be
// woken.
#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "test/shared/battery.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr std::uint32_t kProcesses = 3;
constexpr std::uint32_t kForever = 0xFFFFFFFF;
constexpr int kGenerations = 60;
constexpr int kKillsEach = 40;

[[noreturn]] void be_a_process(const World &world, std::uint64_t seed)
{
    const auto pid = static_cast<std::uint32_t>(getpid());
    const auto slot = world.claim(pid);
    std::thread second([&] { work({world, slot, pid, 2 * seed, true}, kForever); });
    work({world, slot, pid, 2 * seed + 1, true}, kForever);
    second.join();
    _exit(0);
}

struct Children {
    World world{{kProcesses, 4}};
    std::vector<pid_t> alive;
    std::uint64_t seed = 1;
    Random random{42};

    void start_one()
    {
        const auto child = fork();
        if (child == 0)
            be_a_process(world, seed);
        ++seed;
        alive.push_back(child);
    }
    // As a parent does: it learns of the end, and reclaims.
    void kill_one(std::size_t which)
    {
        const auto child = alive[which];
        alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(which));
        kill(child, SIGKILL);
        BOOST_TEST_REQUIRE(waitpid(child, nullptr, 0) == child);
        world.reclaim(static_cast<std::uint32_t>(child));
    }
    void let_them_run()
    {
        const timespec some{0, random.below(500'000)};
        nanosleep(&some, nullptr);
    }
    shm::MemberRecord record()
    {
        const shm::RegionLock lock(world.region);
        return world.region.read_record(lock, world.block, kRecordPlace);
    }
    ~Children()
    {
        while (!alive.empty())
            kill_one(0);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kills_test, Children)

BOOST_AUTO_TEST_CASE(whatever_a_process_was_killed_at_the_others_go_on_and_gauges_are_exact)
{
    for (int generation = 0; generation < kGenerations; ++generation) {
        for (int count = 0; count < kKillsEach; ++count) {
            while (alive.size() < kProcesses)
                start_one();
            let_them_run();
            kill_one(random.below(kProcesses));
            BOOST_TEST_REQUIRE(is_whole(record()));
        }
        while (!alive.empty())
            kill_one(0);
        BOOST_TEST_REQUIRE(world.what_went_wrong() == "");
        BOOST_TEST_REQUIRE(world.what_is_left() == "");
        BOOST_TEST_REQUIRE(
            (shm::attach(world.memory().bytes(), world.memory().size_bytes()).fault ==
             shm::RegionFault::kNone));
    }
    BOOST_TEST(world.audit.admitted.load() > 1000u);
    BOOST_TEST(world.audit.waited.load() > 100u);
}

BOOST_AUTO_TEST_CASE(after_all_kills_everybody_gets_in_who_asks)
{
    for (int count = 0; count < 50; ++count) {
        while (alive.size() < kProcesses)
            start_one();
        let_them_run();
        kill_one(random.below(kProcesses));
    }
    while (!alive.empty())
        kill_one(0);
    const auto slot = world.claim(static_cast<std::uint32_t>(getpid()));
    const auto before = world.audit.admitted.load();
    work({world, slot, 1, 7, false}, 1000);
    BOOST_TEST(world.audit.admitted.load() - before == 1000u);
    BOOST_TEST(world.what_went_wrong() == "");
    BOOST_TEST(world.what_is_left() == "");
}

BOOST_AUTO_TEST_CASE(those_who_wait_for_a_killed_process_are_let_in)
{
    // The child is let in at place 0 and never ends; we wait for it.
    const auto child = fork();
    if (child == 0) {
        const auto slot = world.claim(static_cast<std::uint32_t>(getpid()));
        capacity::Waiting waiting;
        capacity::Entrance({world.region, world.block, slot, true})
            .enter(0, kLimits[0], now(), waiting);
        ++world.audit.admitted;
        for (;;)
            pause();
    }
    while (world.audit.admitted == 0)
        std::this_thread::yield();
    const auto slot = world.claim(static_cast<std::uint32_t>(getpid()));
    std::thread parent([&] {
        while (world.audit.waited == 0)
            std::this_thread::yield();
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        world.reclaim(static_cast<std::uint32_t>(child));
    });
    const capacity::Entrance entrance({world.region, world.block, slot, true});
    capacity::Waiting waiting;
    auto admission = entrance.enter(0, kLimits[0], now(), waiting);
    BOOST_TEST((admission.verdict == capacity::Verdict::kWait));
    world.audit.waited = 1;
    while (admission.verdict == capacity::Verdict::kWait) {
        BOOST_TEST_REQUIRE(sleep_on(admission.wait, {now().us + 30'000'000}));
        admission = entrance.look(kLimits[0], now(), waiting);
    }
    parent.join();
    BOOST_TEST((admission.verdict == capacity::Verdict::kAdmitted));
    entrance.end(admission.attempt);
    BOOST_TEST(world.what_is_left() == "");
}

BOOST_AUTO_TEST_SUITE_END()
