// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/shm/gauge_word.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::capacity;

namespace {

struct TwoProcesses : test::OneBlock {
    Gauges a = gauges(0), b = gauges(claim(2000));

    std::uint32_t quick(std::uint32_t place) { return block.load(place).active.load(); }
    Reconciled reconcile_all()
    {
        const shm::RegionLock lock(region);
        return reconcile(lock, block, 0, test::kCapacity + 1);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gauges_test, TwoProcesses)

BOOST_AUTO_TEST_CASE(a_gauge_is_the_sum_over_the_processes_and_balancing_sees_it_at_once)
{
    const auto first = a.begin(2), second = b.begin(2);
    b.begin(3);
    BOOST_TEST(active(2) == 2u);
    BOOST_TEST(quick(2) == 2u);
    a.end(first);
    BOOST_TEST(active(2) == 1u);
    BOOST_TEST(quick(2) == 1u);
    b.end(second);
    BOOST_TEST(active(2) == 0u);
    BOOST_TEST(quick(2) == 0u);
    BOOST_TEST(active(3) == 1u);
}

BOOST_AUTO_TEST_CASE(what_connects_and_what_waits_is_counted_by_itself)
{
    a.begin_connecting(1);
    b.begin_connecting(1);
    b.begin_queued({1, false});
    auto sum = sum_of(region, block, 1);
    BOOST_TEST(sum.active == 0u);
    BOOST_TEST(sum.connecting == 2u);
    BOOST_TEST(sum.queued == 1u);
    a.end_connecting(1);
    b.end_queued({1, false});
    sum = sum_of(region, block, 1);
    BOOST_TEST(sum.connecting == 1u);
    BOOST_TEST(sum.queued == 0u);
}

BOOST_AUTO_TEST_CASE(the_balancer_as_a_whole_is_counted_where_somebody_asked_for_it)
{
    const auto plain = a.begin(1);
    const auto counting = gauges(0, true);
    const auto counted = counting.begin(2);
    counting.begin_queued({1, true});
    BOOST_TEST(block.state().total_active.load() == 1u);
    BOOST_TEST(active(block.whole()) == 1u);
    BOOST_TEST(sum_of(region, block, block.whole()).queued == 1u);
    counting.end_queued({1, true});
    // Whoever ends them counts otherwise by now: each is taken off where it was added.
    counting.end(plain);
    a.end(counted);
    BOOST_TEST(block.state().total_active.load() == 0u);
    BOOST_TEST(active(block.whole()) == 0u);
    BOOST_TEST(sum_of(region, block, block.whole()).queued == 0u);
    BOOST_TEST(active(1) + active(2) == 0u);
}

BOOST_AUTO_TEST_CASE(the_row_of_a_free_slot_counts_nothing)
{
    b.begin(1);
    region.process(1).pid.publish(0);
    BOOST_TEST(active(1) == 0u);
}

BOOST_AUTO_TEST_CASE(a_quick_number_that_is_right_is_left_alone)
{
    a.begin(2);
    b.begin(block.capacity() - 1);
    const auto result = reconcile_all();
    BOOST_TEST(result.corrected == 0u);
    BOOST_TEST(result.unknown == 0u);
    BOOST_TEST(quick(2) == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_kill_left_in_the_quick_numbers_is_taken_off)
{
    a.begin(2);
    block.load(2).active.fetch_add(3);
    block.state().total_active.fetch_add(5);
    BOOST_TEST(drift_of(region, block, 2).value() == 3u);
    BOOST_TEST(drift_of(region, block, block.whole()).value() == 5u);
    BOOST_TEST(reconcile_all().corrected == 2u);
    BOOST_TEST(quick(2) == 1u);
    BOOST_TEST(block.state().total_active.load() == 0u);
    BOOST_TEST(drift_of(region, block, 2).value() == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_is_corrected_while_somebody_is_in_the_middle_of_a_change)
{
    block.gauge(1, 2).attempts.fetch_add(shm::kOneChanging);
    block.load(2).active.fetch_add(1);
    const auto result = reconcile_all();
    BOOST_TEST(result.corrected == 0u);
    BOOST_TEST(result.unknown == 1u);
    BOOST_TEST(quick(2) == 1u);
}

BOOST_AUTO_TEST_CASE(only_the_places_that_were_asked_for_are_reconciled)
{
    for (std::uint32_t place = 0; place < block.capacity(); ++place)
        block.load(place).active.store(1);
    const shm::RegionLock lock(region);
    BOOST_TEST(reconcile(lock, block, 1, 2).corrected == 2u);
    BOOST_TEST(quick(0) == 1u);
    BOOST_TEST(quick(1) == 0u);
    BOOST_TEST(quick(2) == 0u);
    BOOST_TEST(quick(3) == 1u);
    BOOST_TEST(reconcile(lock, block, 3, 0xFFFFFFFF).corrected == 2u);
    BOOST_TEST(reconcile(lock, block, 99, 1).corrected == 0u);
}

BOOST_AUTO_TEST_CASE(the_version_may_pass_its_end)
{
    block.gauge(0, 2).attempts.store(std::uint64_t{0} - shm::kOneVersion);
    const auto first = a.begin(2);
    BOOST_TEST(active(2) == 1u);
    a.end(first);
    BOOST_TEST(active(2) == 0u);
    BOOST_TEST(drift_of(region, block, 2).value() == 0u);
}

BOOST_AUTO_TEST_CASE(an_attempt_allocates_nothing)
{
    const auto counting = gauges(0, true);
    const auto before = test::allocation_count();
    for (int i = 0; i < 1000; ++i)
        counting.end(counting.begin(1));
    BOOST_TEST(test::allocation_count() == before);
}

BOOST_AUTO_TEST_SUITE_END()
