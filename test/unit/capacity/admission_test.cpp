// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <limits>
#include <thread>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::capacity;

namespace {

constexpr std::uint32_t kPlace = 1;

struct TwoAllowed : test::OneBlock {
    Limits limits;
    Entrance entrance{gauges()};
    Entrance elsewhere{gauges(claim(2000))};

    TwoAllowed() { limits.max_connections = 2; }
    Admission enter(Waiting &waiting, std::int64_t now = 0)
    {
        return entrance.enter(kPlace, limits, {now}, waiting);
    }
    Attempt admitted()
    {
        Waiting waiting;
        const auto admission = enter(waiting);
        BOOST_TEST_REQUIRE(admission.verdict == Verdict::kAdmitted);
        return admission.attempt;
    }
    // One that waits, and the word that would wake it.
    Waiting waits(std::int64_t now = 0)
    {
        Waiting waiting;
        BOOST_TEST_REQUIRE(enter(waiting, now).verdict == Verdict::kWait);
        return waiting;
    }
    Admission look(Waiting &waiting, std::int64_t now = 0)
    {
        return entrance.look(limits, {now}, waiting);
    }
};

struct OneAllowed : TwoAllowed {
    OneAllowed() { limits.max_connections = 1; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admission_test, TwoAllowed)

BOOST_AUTO_TEST_CASE(a_third_waits_where_two_are_allowed_whatever_their_processes)
{
    Waiting waiting;
    admitted();
    BOOST_TEST(elsewhere.enter(kPlace, limits, {0}, waiting).verdict == Verdict::kAdmitted);
    BOOST_TEST(active(kPlace) == 2u);
    const auto third = enter(waiting, 500);
    BOOST_TEST(third.verdict == Verdict::kWait);
    BOOST_TEST(active(kPlace) == 2u);
    BOOST_TEST((third.wait.word == &waiting.record->word));
    BOOST_TEST(third.wait.value == waiting.record->word.load());
    BOOST_TEST((third.wait.until == base::TimeUs{500 + kLookAgainUs}));
    BOOST_TEST(sum_of(region, block, kPlace).queued == 1u);
}

BOOST_AUTO_TEST_CASE(a_member_without_a_limit_takes_everybody_and_no_lock)
{
    limits.max_connections = 0;
    limits.max_queue = 1;
    pthread_mutex_lock(&block.queue(kPlace).lock.mutex);
    for (int i = 0; i < 100; ++i)
        admitted();
    pthread_mutex_unlock(&block.queue(kPlace).lock.mutex);
    BOOST_TEST(active(kPlace) == 100u);
}

BOOST_AUTO_TEST_CASE(the_end_of_an_attempt_wakes_the_oldest_and_it_gets_in)
{
    const auto first = admitted();
    admitted();
    auto a = waits(), b = waits();
    BOOST_TEST((entrance.end(first) == &a.record->word));
    const auto admission = look(a);
    BOOST_TEST(admission.verdict == Verdict::kAdmitted);
    BOOST_TEST((admission.wake == nullptr));  // no room for b
    BOOST_TEST((a.record == nullptr));
    BOOST_TEST(look(b).verdict == Verdict::kWait);
    BOOST_TEST(active(kPlace) == 2u);
}

BOOST_AUTO_TEST_CASE(nobody_waits_and_nobody_is_woken)
{
    const auto first = admitted();
    BOOST_TEST((entrance.end(first) == nullptr));
}

BOOST_FIXTURE_TEST_CASE(a_younger_one_never_takes_the_place_of_an_older_one, OneAllowed)
{
    const auto first = admitted();
    auto a = waits(), b = waits();
    entrance.end(first);
    BOOST_TEST(look(b).verdict == Verdict::kWait);
    Waiting newcomer;
    const auto admission = enter(newcomer);
    BOOST_TEST(admission.verdict == Verdict::kWait);
    BOOST_TEST(
        (admission.wake == &a.record->word));  // there is room: had it been lost, it is not now
    BOOST_TEST(look(a).verdict == Verdict::kAdmitted);
}

BOOST_AUTO_TEST_CASE(a_slow_waiter_holds_up_one_place_and_not_the_queue)
{
    const auto first = admitted(), second = admitted();
    auto slow = waits(), b = waits();
    entrance.end(first);
    entrance.end(second);  // wakes the slow one again
    BOOST_TEST(look(b).verdict == Verdict::kAdmitted);
    BOOST_TEST(look(slow).verdict == Verdict::kAdmitted);
}

BOOST_AUTO_TEST_CASE(two_places_that_come_free_at_once_wake_two)
{
    const auto first = admitted(), second = admitted();
    auto a = waits(), b = waits();
    BOOST_TEST((entrance.end(first) == &a.record->word));
    BOOST_TEST((entrance.end(second) == &a.record->word));
    BOOST_TEST((look(a).wake == &b.record->word));
    BOOST_TEST(look(b).verdict == Verdict::kAdmitted);
}

BOOST_AUTO_TEST_CASE(a_wake_up_before_the_sleep_is_seen_by_the_word)
{
    const auto first = admitted();
    admitted();
    Waiting waiting;
    const auto wait = enter(waiting).wait;
    BOOST_TEST(wait.word->load() == wait.value);
    entrance.end(first);
    BOOST_TEST(wait.word->load() != wait.value);
}

BOOST_FIXTURE_TEST_CASE(one_that_leaves_makes_way_for_the_next, OneAllowed)
{
    const auto first = admitted();
    auto a = waits(), b = waits();
    entrance.end(first);
    BOOST_TEST((entrance.leave(limits, a) == &b.record->word));
    BOOST_TEST((a.record == nullptr));
    BOOST_TEST(look(b).verdict == Verdict::kAdmitted);
    BOOST_TEST(sum_of(region, block, kPlace).queued == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_deadline_ends_the_wait_and_not_before, OneAllowed)
{
    limits.queue_timeout = {300};
    admitted();
    Waiting waiting;
    BOOST_TEST((enter(waiting, 1000).wait.until == base::TimeUs{1300}));
    BOOST_TEST(look(waiting, 1299).verdict == Verdict::kWait);
    BOOST_TEST(look(waiting, 1300).verdict == Verdict::kTimedOut);
    BOOST_TEST((waiting.record == nullptr));
    BOOST_TEST(sum_of(region, block, kPlace).queued == 0u);
    BOOST_TEST(block.queue(kPlace).waiting.load() == 0u);
}

BOOST_FIXTURE_TEST_CASE(one_that_is_too_late_makes_way_for_the_next, OneAllowed)
{
    limits.queue_timeout = {300};
    const auto first = admitted();
    auto a = waits(0), b = waits(200);
    entrance.end(first);
    const auto late = look(a, 400);
    BOOST_TEST(late.verdict == Verdict::kTimedOut);
    BOOST_TEST((late.wake == &b.record->word));
    BOOST_TEST(look(b, 400).verdict == Verdict::kAdmitted);
}

BOOST_FIXTURE_TEST_CASE(without_a_timeout_one_waits_for_as_long_as_it_takes, OneAllowed)
{
    admitted();
    auto waiting = waits();
    BOOST_TEST(look(waiting, std::numeric_limits<std::int64_t>::max() / 2).verdict ==
               Verdict::kWait);
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_takes_nobody, OneAllowed)
{
    limits.max_queue = 2;
    admitted();
    auto a = waits();
    waits();
    Waiting third;
    BOOST_TEST(enter(third).verdict == Verdict::kQueueFull);
    BOOST_TEST((third.record == nullptr));
    entrance.leave(limits, a);
    BOOST_TEST(enter(third).verdict == Verdict::kWait);
}

BOOST_FIXTURE_TEST_CASE(a_process_without_a_free_record_takes_nobody_and_another_does, OneAllowed)
{
    admitted();
    for (int i = 0; i < 6; ++i)
        waits();
    Waiting one_more;
    BOOST_TEST(enter(one_more).verdict == Verdict::kQueueFull);
    BOOST_TEST(elsewhere.enter(kPlace, limits, {0}, one_more).verdict == Verdict::kWait);
}

BOOST_AUTO_TEST_CASE(the_limit_follows_the_load_of_the_balancer_from_minconn_to_maxconn)
{
    const Entrance counting(gauges(0, true));
    limits = {4, 1, 0, {0}, 8};  // 1 to 4, full at 8
    Waiting waiting;
    const auto enters = [&](std::uint32_t place) {
        return counting.enter(place, limits, {0}, waiting).verdict == Verdict::kAdmitted;
    };
    BOOST_TEST(enters(kPlace));
    BOOST_TEST(!enters(kPlace));  // load 2 of 8: one
    counting.leave(limits, waiting);
    const auto busy = counting.gauges();
    for (int i = 0; i < 2; ++i)
        busy.begin(kPlace + 1);
    BOOST_TEST(enters(kPlace));  // load 4 and 5 of 8: two
    BOOST_TEST(!enters(kPlace));
    counting.leave(limits, waiting);
    for (int i = 0; i < 4; ++i)
        busy.begin(kPlace + 1);
    BOOST_TEST(enters(kPlace));  // load 9 of 8: four
    BOOST_TEST(enters(kPlace));
    BOOST_TEST(!enters(kPlace));
    BOOST_TEST(active(kPlace) == 4u);
}

BOOST_FIXTURE_TEST_CASE(what_a_killed_process_had_and_its_turn_go_to_the_next, OneAllowed)
{
    const auto dead = capacity::find_process(region, 2000);
    Waiting its, ours;
    BOOST_TEST(elsewhere.enter(kPlace, limits, {0}, its).verdict == Verdict::kAdmitted);
    BOOST_TEST(elsewhere.enter(kPlace, limits, {0}, its).verdict == Verdict::kWait);
    BOOST_TEST(enter(ours).verdict == Verdict::kWait);
    const auto wakes = reclaim(dead);
    BOOST_TEST_REQUIRE(wakes.count == 1u);
    BOOST_TEST((wakes.words[0] == &ours.record->word));
    BOOST_TEST(look(ours).verdict == Verdict::kAdmitted);
}

BOOST_AUTO_TEST_CASE(an_owner_of_the_lock_that_died_stops_nobody)
{
    std::thread([this] { pthread_mutex_lock(&block.queue(kPlace).lock.mutex); }).join();
    admitted();
    admitted();
    BOOST_TEST(active(kPlace) == 2u);
}

BOOST_AUTO_TEST_CASE(neither_to_enter_nor_to_wait_allocates_anything)
{
    const auto before = test::allocation_count();
    for (int i = 0; i < 1000; ++i) {
        Waiting none, waiting;
        const auto a = enter(none), b = enter(none);
        enter(waiting);
        entrance.end(a.attempt);
        const auto c = look(waiting);
        entrance.end(b.attempt);
        entrance.end(c.attempt);
    }
    BOOST_TEST(test::allocation_count() == before);
    BOOST_TEST(active(kPlace) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
