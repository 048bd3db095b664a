// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/counting/totals.hpp"

using namespace stickybalancer;

namespace {

struct Totals {
    shm::MemberTotals totals{};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(totals_test, Totals)

BOOST_AUTO_TEST_CASE(the_first_attempt_is_counted_by_cause_and_cookie_and_others_as_retried)
{
    counting::count_attempt(totals, 1, 4, true);
    counting::count_attempt(totals, 5, 4, false);
    counting::count_attempt(totals, 5, 4, false);
    BOOST_TEST(totals.causes[1].load() == 1u);
    BOOST_TEST(totals.causes[5].load() == 2u);
    BOOST_TEST(totals.cookies[4].load() == 1u);
    BOOST_TEST(totals.retried.load() == 2u);
    BOOST_TEST(counting::attempts_at(totals) == 3u);
}

BOOST_AUTO_TEST_CASE(who_waited_and_who_got_no_turn_are_two_things)
{
    counting::count_wait(totals, 1500, false);
    counting::count_wait(totals, 500, true);
    counting::count_wait(totals, 0, true);
    BOOST_TEST(totals.queue_waits.load() == 2u);
    BOOST_TEST(totals.queue_us.load() == 2000u);
    BOOST_TEST(totals.queue_lost.load() == 2u);
}

BOOST_AUTO_TEST_CASE(what_most_requests_write_is_one_line)
{
    constexpr std::size_t kCookieOfClients = 1;  // SB_CAUSE_COOKIE; 0 is the policy
    BOOST_TEST(offsetof(shm::MemberTotals, causes) + (kCookieOfClients + 1) * 8 <= 64u);
}

BOOST_AUTO_TEST_SUITE_END()
