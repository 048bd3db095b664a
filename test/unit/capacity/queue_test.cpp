// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::capacity;

namespace {

// The test is one thread: it may do what needs the lock of the queue without it.
struct Queue : test::OneBlock {
    Waiting join(std::uint32_t place, std::int64_t deadline_us = 1000, std::uint32_t process = 0)
    {
        Waiting waiting;
        BOOST_TEST_REQUIRE(join_locked(gauges(process), place, {deadline_us}, waiting));
        return waiting;
    }
    void leave(Waiting &waiting, std::uint32_t process = 0)
    {
        leave_locked(gauges(process), waiting);
    }
    Standing standing(std::uint32_t place, std::uint64_t ticket = kNewcomer, std::int64_t now = 0)
    {
        return standing_of_locked(gauges(), place, ticket, {now});
    }
    std::uint32_t waiting(std::uint32_t place) { return block.queue(place).waiting.load(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(queue_test, Queue)

BOOST_AUTO_TEST_CASE(who_came_first_stands_first_whatever_its_process_and_record)
{
    const auto other = claim(2000);
    auto a = join(1), b = join(1, 1000, other), c = join(1);
    BOOST_TEST(standing(1).all == 3u);
    BOOST_TEST(standing(1).older == 3u);
    BOOST_TEST(standing(1, c.ticket).older == 2u);
    BOOST_TEST(standing(1, b.ticket).older == 1u);
    leave(a);
    auto d = join(1);  // in the record that a has left
    BOOST_TEST((d.record == &region.waiter(0, 0)));
    BOOST_TEST(standing(1, b.ticket).older == 0u);
    BOOST_TEST(standing(1, d.ticket).older == 2u);
}

BOOST_AUTO_TEST_CASE(queues_of_two_members_do_not_mix)
{
    auto a = join(1), b = join(2);
    BOOST_TEST(standing(1).all == 1u);
    BOOST_TEST(standing(2, b.ticket).older == 0u);
    BOOST_TEST(standing(3).all == 0u);
    BOOST_TEST((wake_oldest(region, block, 2) == &b.record->word));
    BOOST_TEST(a.record->word.load() == 0u);
}

BOOST_AUTO_TEST_CASE(one_whose_deadline_is_over_holds_up_nobody)
{
    join(1, 100);
    auto b = join(1, 1000);
    BOOST_TEST(standing(1, b.ticket, 99).older == 1u);
    BOOST_TEST(standing(1, b.ticket, 100).older == 0u);
    BOOST_TEST(standing(1, b.ticket, 100).all == 2u);
}

BOOST_AUTO_TEST_CASE(the_number_of_waiters_is_kept_and_their_gauge)
{
    auto a = join(1), b = join(1);
    BOOST_TEST(waiting(1) == 2u);
    BOOST_TEST(sum_of(region, block, 1).queued == 2u);
    leave(a);
    leave(b);
    BOOST_TEST(waiting(1) == 0u);
    BOOST_TEST(sum_of(region, block, 1).queued == 0u);
    BOOST_TEST((a.record == nullptr));
}

BOOST_AUTO_TEST_CASE(a_process_has_as_many_records_as_the_region_was_made_with)
{
    Waiting waiting[6];
    for (auto &each : waiting)
        each = join(1);
    Waiting none;
    BOOST_TEST(!join_locked(gauges(), 1, {1000}, none));
    BOOST_TEST((none.record == nullptr));
    leave(waiting[3]);
    BOOST_TEST((join(2).record == &region.waiter(0, 3)));
    BOOST_TEST(join_locked(gauges(claim(2000)), 1, {1000}, none));
}

BOOST_AUTO_TEST_CASE(the_oldest_is_woken_and_its_word_says_so)
{
    BOOST_TEST((wake_oldest(region, block, 1) == nullptr));
    auto a = join(1), b = join(1);
    const auto before = a.record->word.load();
    BOOST_TEST((wake_oldest(region, block, 1) == &a.record->word));
    BOOST_TEST(a.record->word.load() == before + 1);
    leave(a);
    BOOST_TEST((wake_oldest(region, block, 1) == &b.record->word));
}

BOOST_AUTO_TEST_CASE(all_are_woken_as_far_as_there_is_room_and_all_words_say_so)
{
    Waiting waiting[6];
    for (auto &each : waiting)
        each = join(1);
    Wakes wakes;
    wakes.count = 60;
    wake_all(region, block, 1, wakes);
    BOOST_TEST(wakes.count == 64u);
    for (auto &each : waiting)
        BOOST_TEST(each.record->word.load() == 1u);
}

BOOST_AUTO_TEST_CASE(waiters_of_a_dead_process_are_gone_and_the_next_is_woken)
{
    const auto dead = claim(2000);
    auto a = join(1, 1000, dead), b = join(1), c = join(2, 1000, dead);
    const auto wakes = reclaim(dead);
    BOOST_TEST(waiting(1) == 1u);
    BOOST_TEST(waiting(2) == 0u);
    BOOST_TEST(standing(1, b.ticket).older == 0u);
    BOOST_TEST(sum_of(region, block, 1).queued == 1u);
    BOOST_TEST_REQUIRE(wakes.count == 1u);
    BOOST_TEST((wakes.words[0] == &b.record->word));
    BOOST_TEST(a.record->ticket.load() == 0u);
    BOOST_TEST(c.record->ticket.load() == 0u);
}

BOOST_AUTO_TEST_CASE(a_number_of_waiters_that_is_too_great_is_put_right_by_the_next_change)
{
    block.queue(1).waiting.store(77);
    join(1);
    BOOST_TEST(waiting(1) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
