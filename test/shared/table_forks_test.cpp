// SPDX-License-Identifier: Apache-2.0
//
// The battery of a session table over forked processes of two threads each.
// Caught if: a session is missed, outdated or another's across processes, a number is not exact, or a lock
// works within one process only.
#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "test/shared/sessions.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr std::uint32_t kProcesses = 3;
constexpr std::uint32_t kWorkers = 2 * kProcesses;

[[noreturn]] void be_a_process(const SessionWorld &world, std::uint32_t number,
                               std::uint32_t rounds)
{
    const auto who = 2 * number;
    std::thread second([&] { work({world, who + 1, kWorkers, number + 50}, rounds); });
    work({world, who, kWorkers, number + 70}, rounds);
    second.join();
    _exit(0);
}

void run_processes(const SessionWorld &world, std::uint32_t rounds)
{
    std::vector<pid_t> children;
    for (std::uint32_t who = 0; who < kWorkers; ++who)
        world.read_clock(who);
    for (std::uint32_t number = 0; number < kProcesses; ++number) {
        const auto child = fork();
        if (child == 0)
            be_a_process(world, number, rounds);
        children.push_back(child);
    }
    while (world.is_somebody_here()) {
        world.try_tick();
        std::this_thread::yield();
    }
    for (int tick = 0; tick < 20; ++tick)
        world.try_tick();  // clients' sessions expire
    for (const auto child : children) {
        int status = -1;
        BOOST_TEST(waitpid(child, &status, 0) == child);
        BOOST_TEST(status == 0);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(table_forks_test)

BOOST_AUTO_TEST_CASE(a_small_table_that_is_always_full)
{
    const SessionWorld world(64, 12);
    run_processes(world, 200'000);
    BOOST_TEST(world.what_is_wrong() == "");
    BOOST_TEST(world.table().numbers().evicted > 0u);
    BOOST_TEST(world.table().numbers().expired > 0u);
    BOOST_TEST(world.audit.changes > 10'000u);
}

BOOST_AUTO_TEST_CASE(a_table_of_several_shards)
{
    const SessionWorld world(100'000, 256);
    run_processes(world, 200'000);
    BOOST_TEST(world.what_is_wrong() == "");
    BOOST_TEST(world.table().numbers().expired > 0u);
    BOOST_TEST(world.audit.looks > 10'000u);
}

BOOST_AUTO_TEST_SUITE_END()
