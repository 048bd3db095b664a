// SPDX-License-Identifier: Apache-2.0
//
// The battery of a session table over threads. Under the thread sanitizer this is where an access without an
// order would show.
// Caught if: a reader misses a session whose member is being changed, finds what was forgotten, or another's; if
// a number is not exact, or the structure is not whole.
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "test/shared/sessions.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr std::uint32_t kWorkers = 4;
constexpr std::uint32_t kCarrier = kWorkers;

void run_threads(const SessionWorld &world, std::uint32_t rounds, bool carries)
{
    std::vector<std::thread> threads;
    for (std::uint32_t who = 0; who < kWorkers; ++who)
        world.read_clock(who);
    for (std::uint32_t who = 0; who < kWorkers; ++who)
        threads.emplace_back([&world, who, rounds] {
            work({world, who, kWorkers, who + 1}, rounds);
        });
    if (carries)
        threads.emplace_back([&world] { carry_again_and_again(world, kCarrier); });
    while (world.is_somebody_here()) {
        world.try_tick();
        std::this_thread::yield();
    }
    for (int tick = 0; tick < 20; ++tick)
        world.try_tick();  // clients' sessions expire
    for (auto &thread : threads)
        thread.join();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(table_threads_test)

BOOST_AUTO_TEST_CASE(a_small_table_that_is_always_full)
{
    const SessionWorld world(64, 8);
    run_threads(world, 200'000, false);
    BOOST_TEST(world.what_is_wrong() == "");
    const auto numbers = world.table().numbers();
    BOOST_TEST(numbers.evicted > 0u);
    BOOST_TEST(numbers.expired > 0u);
    BOOST_TEST(world.audit.looks > 10'000u);
    BOOST_TEST(world.audit.changes > 10'000u);
}

BOOST_AUTO_TEST_CASE(a_table_of_several_shards)
{
    const SessionWorld world(100'000, 256);
    run_threads(world, 400'000, false);
    BOOST_TEST(world.what_is_wrong() == "");
    BOOST_TEST(world.table().memory().plan().shard_count == 3u);
    BOOST_TEST(world.table().numbers().expired > 0u);
}

BOOST_AUTO_TEST_CASE(a_table_that_is_carried_over_while_others_learn_there)
{
    const SessionWorld world(1000, 200);
    run_threads(world, 100'000, true);
    BOOST_TEST(world.what_is_wrong() == "");
    BOOST_TEST(world.audit.carried > 1000u);
}

BOOST_AUTO_TEST_CASE(one_session_that_is_changed_and_looked_at_all_the_time)
{
    const SessionWorld world(16, 1);
    std::atomic<bool> is_over{false};
    std::thread owner([&] {
        while (!is_over)
            world.next_state(0, {world.audit.clock_us});
    });
    only_look({world, 0, 1, 1}, 1'000'000);
    is_over = true;
    owner.join();
    BOOST_TEST(world.what_is_wrong() == "");
    BOOST_TEST(world.audit.changes > 1000u);
}

BOOST_AUTO_TEST_SUITE_END()
