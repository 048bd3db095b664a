// SPDX-License-Identifier: Apache-2.0
//
// Checks of members by many threads, by forked processes, and by processes that are killed.
// Caught if: a check is made twice in an interval or never again, a change of a verdict is told twice or to nobody,
// or two have the lease at one time.
#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "core/health/probe_lease.hpp"
#include "core/health/probe_schedule.hpp"
#include "core/health/verdict.hpp"
#include "test/shared/world.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr int kWorkers = 4;
constexpr std::int64_t kInterval_us = 1000;
constexpr std::int64_t kSpan_us = 300'000;
constexpr health::Thresholds kThresholds{2, 3, 4};

// What all workers have seen together.
struct Sums {
    std::atomic<std::int64_t> claimed[kPlaces];
    std::atomic<std::int64_t> downs, ups, drains, readies;
    std::atomic<int> winners;
};

// Looks for due checks until `until`, and makes them; results and requests are drawn by chance.
void check_until(const World &world, Sums &sums, base::TimeUs until, std::uint64_t seed)
{
    Random random{seed};
    for (auto time = now(); time < until; time = now())
        for (std::uint32_t place = 0; place < kPlaces; ++place) {
            auto &slot = world.block.slot(place);
            std::uint32_t change = health::kNoChange;
            if (health::claim_probe(slot, place, {kInterval_us}, time)) {
                sums.claimed[place].fetch_add(1);
                slot.probes_passed.fetch_add(1);
            }
            const auto what = random.below(6);
            if (what < 3)
                change = health::note_probe(slot.check, static_cast<health::ProbeResult>(what),
                                            kThresholds);
            else if (what < 5)
                change = health::note_request(slot.check, what == 3, kThresholds);
            else if (random.below(50) == 0)
                change = health::note_out_of_use(slot.check);
            sums.downs += (change & health::kWentDown) != 0;
            sums.ups += (change & health::kCameUp) != 0;
            sums.drains += (change & health::kBeganToDrain) != 0;
            sums.readies += (change & health::kIsReadyAgain) != 0;
        }
}

struct Checks : World {
    SharedMemory memory_of_sums{sizeof(Sums)};
    Sums &sums = *reinterpret_cast<Sums *>(memory_of_sums.bytes());
    base::TimeUs began = now();
    base::TimeUs until{began.us + kSpan_us};

    Checks() : World({kWorkers, 2}) {}

    // One an interval, and no more; a busy machine may have let some pass by.
    void expect_claims(std::int64_t least_percent)
    {
        const auto most = (now().us - began.us) / kInterval_us + 1;
        for (const auto &claimed : sums.claimed) {
            BOOST_TEST(claimed.load() <= most);
            BOOST_TEST(claimed.load() >= kSpan_us / kInterval_us * least_percent / 100);
        }
    }
    // Each change was told to one.
    void expect_changes()
    {
        std::int64_t down = 0, draining = 0;
        for (std::uint32_t place = 0; place < kPlaces; ++place) {
            const auto state = shm::check_state_of(block.slot(place).check.acquire());
            down += state.is_down;
            draining += state.is_draining;
        }
        BOOST_TEST(sums.ups.load() > 10);
        BOOST_TEST(sums.drains.load() > 10);
        BOOST_TEST(sums.downs.load() - sums.ups.load() == down);
        BOOST_TEST(sums.drains.load() - sums.readies.load() == draining);
    }
    std::vector<pid_t> fork_workers()
    {
        std::vector<pid_t> children;
        for (int number = 1; number <= kWorkers; ++number) {
            const auto child = fork();
            if (child == 0) {
                check_until(*this, sums, until, static_cast<std::uint64_t>(number));
                _exit(0);
            }
            children.push_back(child);
        }
        return children;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(checks_test, Checks)

BOOST_AUTO_TEST_CASE(threads_make_each_check_once_and_tell_each_change_once)
{
    std::vector<std::thread> threads;
    for (std::uint64_t number = 1; number <= kWorkers; ++number)
        threads.emplace_back([&, number] { check_until(*this, sums, until, number); });
    for (auto &thread : threads)
        thread.join();
    expect_claims(10);
    expect_changes();
}

BOOST_AUTO_TEST_CASE(processes_make_each_check_once_and_tell_each_change_once)
{
    for (const auto child : fork_workers()) {
        int status = -1;
        BOOST_TEST(waitpid(child, &status, 0) == child);
        BOOST_TEST(status == 0);
    }
    expect_claims(10);
    expect_changes();
}

BOOST_AUTO_TEST_CASE(processes_that_are_killed_leave_checks_to_the_others)
{
    auto children = fork_workers();
    while (children.size() > 1) {
        while (now().us < until.us - kSpan_us / 4 * static_cast<std::int64_t>(children.size() - 1))
            std::this_thread::yield();
        ::kill(children.back(), SIGKILL);
        waitpid(children.back(), nullptr, 0);
        children.pop_back();
    }
    waitpid(children.back(), nullptr, 0);
    expect_claims(10);
}

BOOST_AUTO_TEST_CASE(of_many_that_want_the_lease_one_gets_it)
{
    for (std::uint32_t number = 0; number < kWorkers; ++number)
        BOOST_TEST_REQUIRE(claim(1000 + number) == number);
    for (int round = 1; round <= 500; ++round) {
        const base::TimeUs time{round * 10 * health::kLease.us};  // the last one's is over
        std::atomic<int> ready = 0;
        std::vector<std::thread> threads;
        sums.winners = 0;
        for (std::uint32_t number = 0; number < kWorkers; ++number)
            threads.emplace_back([&, number] {
                for (++ready; ready < kWorkers;) {
                }
                sums.winners += health::take_lease(block.state(), region, number, time);
            });
        for (auto &thread : threads)
            thread.join();
        BOOST_TEST(sums.winners.load() == 1);
    }
}

BOOST_AUTO_TEST_CASE(the_lease_of_one_that_was_killed_is_free_when_it_is_reclaimed)
{
    const auto own = claim(1000);
    const auto child = fork();
    if (child == 0) {
        const auto slot = claim(static_cast<std::uint32_t>(getpid()));
        health::take_lease(block.state(), region, slot, began);
        ::raise(SIGKILL);
    }
    waitpid(child, nullptr, 0);
    BOOST_TEST(!health::take_lease(block.state(), region, own, began));
    reclaim(static_cast<std::uint32_t>(child));
    BOOST_TEST(health::take_lease(block.state(), region, own, began));
}

BOOST_AUTO_TEST_SUITE_END()
