// SPDX-License-Identifier: Apache-2.0
//
// The battery over threads of one process that has two slots, as two processes would. Under the
// thread sanitizer this is where an access without an order would show.
// Caught if: a limit is passed, an order is not kept, a wake-up is lost, a gauge is not exact.
#include <boost/test/unit_test.hpp>

#include <thread>
#include <vector>

#include "test/shared/battery.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(threads_test)

BOOST_AUTO_TEST_CASE(threads_keep_limits_order_and_gauges)
{
    World world({2, 8});
    const std::uint32_t slots[] = {world.claim(1), world.claim(2)};
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < 8; ++i)
        threads.emplace_back([&world, &slots, i] {
            work({world, slots[i % 2], i + 1, i + 100, false}, 10'000);
        });
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST(world.what_went_wrong() == "");
    BOOST_TEST(world.what_is_left() == "");
    BOOST_TEST(world.audit.waited.load() > 0u);
    BOOST_TEST(world.audit.left.load() > 0u);
    BOOST_TEST(world.audit.admitted.load() + world.audit.left + world.audit.timed_out +
                   world.audit.turned_away ==
               8u * 10'000);
}

BOOST_AUTO_TEST_CASE(an_end_and_an_arrival_at_one_moment_do_not_miss_each_other)
{
    World world({2, 8});
    const std::uint32_t slots[] = {world.claim(1), world.claim(2)};
    // On a busy machine the two may miss each other all the time: once more, then.
    for (std::uint64_t seed = 1; seed < 100 && world.audit.waited.load() == 0; ++seed) {
        std::thread a([&] { end_as_another_comes({world, slots[0], 1, 10 + seed, false}, 500); });
        come_as_another_ends({world, slots[1], 2, 200 + seed, false}, 500);
        a.join();
    }
    BOOST_TEST(world.what_went_wrong() == "");
    BOOST_TEST(world.what_is_left() == "");
    BOOST_TEST(world.audit.waited.load() > 0u);
}

BOOST_AUTO_TEST_CASE(quick_numbers_are_put_right_while_others_change_them)
{
    World world({3, 8});
    const std::uint32_t slots[] = {world.claim(1), world.claim(2)};
    const capacity::Gauges first(world.region, world.block, slots[0], true);
    const capacity::Gauges second(world.region, world.block, slots[1], true);
    std::atomic<int> running{2};
    const auto change = [&running](const capacity::Gauges &gauges) {
        for (int i = 0; i < 100'000; ++i)
            gauges.end(gauges.begin(1));
        --running;
    };
    std::thread a(change, first), b(change, second);
    std::uint32_t added = 0, corrected = 0;
    while (running > 0) {
        world.block.load(1).active.fetch_add(1);  // as a kill leaves it
        ++added;
        const shm::RegionLock lock(world.region);
        corrected += capacity::reconcile(lock, world.block, 1, 1).corrected;
    }
    a.join();
    b.join();
    const shm::RegionLock lock(world.region);
    corrected += capacity::reconcile(lock, world.block, 1, 1).corrected;
    BOOST_TEST(world.what_is_left() == "");
    BOOST_TEST(corrected > 0u);
    BOOST_TEST(corrected <= added);
}

BOOST_AUTO_TEST_SUITE_END()
