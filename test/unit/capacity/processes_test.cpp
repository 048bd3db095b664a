// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/shm/gauge_word.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::capacity;

namespace {

struct Processes : test::OneBlock {
    std::uint32_t quick(std::uint32_t place) { return block.load(place).active.load(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(processes_test, Processes)

BOOST_AUTO_TEST_CASE(each_process_has_a_slot_of_its_own_until_there_are_no_more)
{
    BOOST_TEST(find_process(region, 1000) == 0u);
    BOOST_TEST(claim(2000) == 1u);
    BOOST_TEST(claim(3000) == 2u);
    BOOST_TEST(claim(4000) == 3u);
    BOOST_TEST(claim(5000) == kNoProcess);
    BOOST_TEST(find_process(region, 3000) == 2u);
    BOOST_TEST(find_process(region, 5000) == kNoProcess);
    BOOST_TEST(region.process(2).started_us.load() == 2);
}

BOOST_AUTO_TEST_CASE(a_slot_that_was_given_back_is_taken_again_and_nobody_has_pid_zero)
{
    claim(2000);
    claim(3000);
    reclaim(1);
    BOOST_TEST(find_process(region, 2000) == kNoProcess);
    BOOST_TEST(claim(4000) == 1u);
    BOOST_TEST(claim(0) == kNoProcess);
}

BOOST_AUTO_TEST_CASE(what_a_dead_process_had_counts_no_more_and_what_others_have_stays)
{
    const auto dead = claim(2000);
    gauges(0, true).begin(1);
    gauges(dead, true).begin(1);
    gauges(dead, true).begin(1);
    gauges(dead, true).begin(4);
    gauges(dead).begin_connecting(1);
    BOOST_TEST(active(1) == 3u);
    reclaim(dead);
    BOOST_TEST(active(1) == 1u);
    BOOST_TEST(quick(1) == 1u);
    BOOST_TEST(quick(4) == 0u);
    BOOST_TEST(block.state().total_active.load() == 1u);
    BOOST_TEST(sum_of(region, block, 1).connecting == 0u);
    for (std::uint32_t place = 0; place <= block.whole(); ++place)
        BOOST_TEST(!shm::is_in_use(block.gauge(dead, place)));
}

BOOST_AUTO_TEST_CASE(a_process_is_reclaimed_as_often_as_one_likes)
{
    const auto dead = claim(2000);
    gauges(0).begin(1);
    gauges(dead).begin(1);
    reclaim(dead);
    reclaim(dead);
    reclaim(99);
    BOOST_TEST(quick(1) == 1u);
    BOOST_TEST(active(1) == 1u);
}

// The steps of gauges.hpp, each with a kill behind it: 1 row, 2 quick number, 3 row.
BOOST_AUTO_TEST_CASE(a_kill_between_any_two_steps_of_begin_and_end_leaves_no_drift)
{
    for (int killed_after = 0; killed_after <= 6; ++killed_after) {
        const auto dead = claim(2000);
        auto &row = block.gauge(dead, 1).attempts;
        auto &number = block.load(1).active;
        if (killed_after >= 1)
            row.fetch_add(shm::kOneChanging);
        if (killed_after >= 2)
            number.fetch_add(1);
        if (killed_after >= 3)
            row.fetch_add(shm::kOneActive - shm::kOneChanging + shm::kOneVersion);
        if (killed_after >= 4)
            row.fetch_add(shm::kOneChanging - shm::kOneActive);
        if (killed_after >= 5)
            number.fetch_add(static_cast<std::uint32_t>(-1));
        if (killed_after >= 6)
            row.fetch_add(shm::kOneVersion - shm::kOneChanging);
        reclaim(dead);
        BOOST_TEST(active(1) == 0u);
        BOOST_TEST(quick(1) == 0u, "killed after step " << killed_after << ": " << quick(1));
    }
}

BOOST_AUTO_TEST_CASE(a_pid_that_comes_again_finds_nothing_of_the_dead_process)
{
    BOOST_TEST(claim(2000) == 1u);
    gauges(1).begin(1);
    BOOST_TEST(claim(2000) == 1u);
    BOOST_TEST(active(1) == 0u);
    BOOST_TEST(quick(1) == 0u);
}

BOOST_AUTO_TEST_CASE(gauges_and_waiters_that_somebody_damaged_are_made_good_by_a_claim)
{
    block.gauge(1, 1).attempts.store(0x1234567);
    region.waiter(1, 2).ticket.store(9);
    region.waiter(1, 2).is_taken.store(1);
    BOOST_TEST(claim(2000) == 1u);
    BOOST_TEST(active(1) == 0u);
    BOOST_TEST(region.waiter(1, 2).ticket.load() == 0u);
    BOOST_TEST(region.waiter(1, 2).is_taken.load() == 0u);
}

BOOST_AUTO_TEST_CASE(a_number_of_used_slots_that_somebody_damaged_leads_nowhere)
{
    header().processes_used.store(0xFFFFFFFF);
    BOOST_TEST(active(1) == 0u);
    BOOST_TEST(claim(2000) == 1u);
    region.process(1).waiters_used.store(0xFFFFFFFF);
    block.gauge(1, 1).queued.store(1);
    block.queue(1).waiting.store(1);
    BOOST_TEST((wake_oldest(region, block, 1) == nullptr));
    reclaim(1);
}

BOOST_AUTO_TEST_SUITE_END()
