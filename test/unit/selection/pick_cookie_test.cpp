// SPDX-License-Identifier: Apache-2.0
//
// Which answers may say something about persistence, which want a cookie, and what dates it has.
// Members a, b, c are up and have weight 1 unless a test says more.
#include <boost/test/unit_test.hpp>

#include <string>

#include "test/unit/support/balancer.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using persistence::CookieFault;
using persistence::CookieMode;
using persistence::CookieState;
using selection::Cause;

namespace {

// A cookie that names a, issued and seen so many seconds ago. It lives for 1600 s: refreshed after
// 100.
std::string dated_cookie(std::int64_t issued_ago_s, std::int64_t seen_ago_s)
{
    char text[64];
    base::BoundedWriter out(text);
    persistence::write_cookie_dates(out, {kNow_s - issued_ago_s, kNow_s - seen_ago_s});
    return "ROUTEID=" + std::string(text, out.size_needed()) + ".a";
}

struct AgingCookie : ThreeMembers {
    AgingCookie() { settings.max_age_s = 1600; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pick_cookie_test)

BOOST_FIXTURE_TEST_CASE(a_cookie_is_wanted_where_the_next_request_would_go_wrong_and_not_else,
                        ThreeMembers)
{
    BOOST_TEST(pick(unbound()).wants_cookie);
    BOOST_TEST(pick(bound_to("gone")).wants_cookie);
    BOOST_TEST(!pick(bound_to("b")).wants_cookie);
    BOOST_TEST(!pick(unbound().cookie("ROUTEID=.gone; ROUTEID=.b")).wants_cookie);
    BOOST_TEST(pick(unbound().path("/;ROUTEID=.b")).wants_cookie);
    BOOST_TEST(pick(unbound().query("ROUTEID=.b").cookie("ROUTEID=.gone")).wants_cookie);
    members.drain("b");
    BOOST_TEST(!pick(bound_to("b")).wants_cookie);
    members.stop("b");
    BOOST_TEST(pick(bound_to("b")).wants_cookie);
    BOOST_TEST(pick(bound_to("a").tried("a")).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(a_retry_of_the_own_member_wants_no_cookie, ThreeMembers)
{
    members.fail("b", kNow_s - 61, 60);
    BOOST_TEST(pick(bound_to("b")).marks_retry);
    BOOST_TEST(!pick(bound_to("b")).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(where_cookies_are_not_set_none_is_wanted, ThreeMembers)
{
    for (const auto mode : {CookieMode::kOff, CookieMode::kPassive}) {
        settings.mode = mode;
        BOOST_TEST(!pick(unbound()).wants_cookie);
        BOOST_TEST(!pick(bound_to("gone")).wants_cookie);
    }
    settings.mode = CookieMode::kInsert;
    settings.cookie_name.clear();
    BOOST_TEST(!pick(unbound()).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(a_member_without_a_route_cannot_be_named_in_a_cookie, Balancer)
{
    members.add("a", {.route = ""});
    BOOST_TEST(pick(unbound()).member == "a");
    BOOST_TEST(!pick(unbound()).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(a_cookie_without_an_age_has_no_dates_and_is_never_refreshed, ThreeMembers)
{
    BOOST_TEST(!pick(unbound()).dates.is_known());
    BOOST_TEST(!pick(unbound().cookie(dated_cookie(9999, 9999))).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(a_cookie_with_an_age_is_refreshed_after_a_sixteenth_of_it, AgingCookie)
{
    BOOST_TEST(!pick(unbound().cookie(dated_cookie(500, 0))).wants_cookie);
    BOOST_TEST(!pick(unbound().cookie(dated_cookie(500, 100))).wants_cookie);
    const auto refreshed = pick(unbound().cookie(dated_cookie(500, 101)));
    BOOST_TEST(refreshed.member == "a");
    BOOST_TEST(refreshed.wants_cookie);
    BOOST_TEST(refreshed.dates.issued_s == kNow_s - 500);
    BOOST_TEST(refreshed.dates.seen_s == kNow_s);
}

BOOST_FIXTURE_TEST_CASE(a_cookie_with_an_age_but_no_dates_or_dates_to_come_is_written_at_once,
                        AgingCookie)
{
    BOOST_TEST(pick(bound_to("a")).wants_cookie);
    BOOST_TEST(pick(bound_to("a")).dates.issued_s == kNow_s);
    BOOST_TEST(pick(unbound().cookie(dated_cookie(500, -1))).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_is_placed_or_moved_gets_a_cookie_issued_now, AgingCookie)
{
    BOOST_TEST(pick(unbound()).wants_cookie);
    BOOST_TEST(pick(unbound()).dates.issued_s == kNow_s);
    members.stop("a");
    const auto moved = pick(unbound().cookie(dated_cookie(500, 50)));
    BOOST_TEST(moved.moves_route);
    BOOST_TEST(moved.wants_cookie);
    BOOST_TEST(moved.dates.issued_s == kNow_s);
    BOOST_TEST(moved.dates.seen_s == kNow_s);
}

BOOST_FIXTURE_TEST_CASE(without_a_separator_there_is_no_place_for_dates, AgingCookie)
{
    settings.separator = 0;
    BOOST_TEST(pick(unbound()).wants_cookie);
    BOOST_TEST(!pick(unbound()).dates.is_known());
    BOOST_TEST(pick(unbound().cookie("ROUTEID=a")).member == "a");
    BOOST_TEST(!pick(unbound().cookie("ROUTEID=a")).dates.is_known());
}

BOOST_FIXTURE_TEST_CASE(a_forced_or_ignored_request_refreshes_nothing, AgingCookie)
{
    BOOST_TEST(!pick(forced_to("a").cookie(dated_cookie(500, 500))).wants_cookie);
    BOOST_TEST(!pick(unbound().cookie(dated_cookie(500, 500)).ignoring_persistence()).wants_cookie);
}

// ---- expiry ----

BOOST_FIXTURE_TEST_CASE(a_client_whose_cookie_is_not_honoured_is_placed_anew, AgingCookie)
{
    settings.limits = {60, 600};
    const auto expired = pick(unbound().cookie(dated_cookie(100, 61)));
    BOOST_TEST(expired.cookie == CookieState::kExpired);
    BOOST_TEST(expired.cookie_fault == CookieFault::kExpired);
    const auto old = pick(unbound().cookie(dated_cookie(601, 1)));
    BOOST_TEST(old.cookie == CookieState::kOld);
    for (const auto &placed : {expired, old}) {
        BOOST_TEST(placed.cause == Cause::kPolicy);
        BOOST_TEST(!placed.moves_route);
        BOOST_TEST(placed.asked_route == "a");
        BOOST_TEST(placed.wants_cookie);
        BOOST_TEST(placed.dates == (persistence::CookieDates{kNow_s, kNow_s}));
    }
    when_down = selection::WhenDown::kForbid;
    members.stop("a");
    BOOST_TEST(pick(unbound().cookie(dated_cookie(100, 61))).status == base::Status::kOk);
}

BOOST_FIXTURE_TEST_CASE(a_cookie_with_idleness_is_refreshed_after_a_sixteenth_of_it, ThreeMembers)
{
    settings.limits.idle_s = 1600;
    BOOST_TEST(!pick(unbound().cookie(dated_cookie(5000, 100))).wants_cookie);
    const auto refreshed = pick(unbound().cookie(dated_cookie(5000, 101)));
    BOOST_TEST(refreshed.wants_cookie);
    BOOST_TEST(refreshed.dates == (persistence::CookieDates{kNow_s - 5000, kNow_s}));
    settings.max_age_s = 160;
    BOOST_TEST(pick(unbound().cookie(dated_cookie(5000, 11))).wants_cookie);
    BOOST_TEST(!pick(unbound().cookie(dated_cookie(5000, 10))).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(a_cookie_whose_life_alone_is_limited_is_never_refreshed, ThreeMembers)
{
    settings.limits.life_s = 1600;
    BOOST_TEST(!pick(unbound().cookie(dated_cookie(1600, 1600))).wants_cookie);
    const auto placed = pick(unbound());
    BOOST_TEST(placed.wants_cookie);
    BOOST_TEST(placed.dates.issued_s == kNow_s);
}

BOOST_FIXTURE_TEST_CASE(a_cookie_without_dates_is_dated_at_that_answer, ThreeMembers)
{
    settings.limits.idle_s = 1600;
    const auto dated = pick(bound_to("b"));
    BOOST_TEST(dated.member == "b");
    BOOST_TEST(dated.wants_cookie);
    BOOST_TEST(dated.dates == (persistence::CookieDates{kNow_s, kNow_s}));
    settings.limits.life_s = 9999;
    BOOST_TEST(pick(bound_to("b")).cookie == CookieState::kOld);
    BOOST_TEST(pick(bound_to("b")).cause == Cause::kPolicy);
}

// ---- which answers are ours to change ----

BOOST_FIXTURE_TEST_CASE(a_request_binds_unless_it_is_forced_or_ignored_or_no_cookie_is_read,
                        ThreeMembers)
{
    members.add("none", {.route = ""});
    for (const auto mode :
         {CookieMode::kPassive, CookieMode::kInsert, CookieMode::kRewrite, CookieMode::kPrefix}) {
        settings.mode = mode;
        BOOST_TEST(pick(unbound()).binds_client);
        BOOST_TEST(pick(unbound().tried("a")).binds_client);
        BOOST_TEST(pick(unbound().query("ROUTEID=.b")).binds_client);
        BOOST_TEST(pick(forced_to("gone")).binds_client);
        BOOST_TEST(!pick(forced_to("b")).binds_client);
        BOOST_TEST(!pick(bound_to("b").ignoring_persistence()).binds_client);
        BOOST_TEST(!pick(unbound().tried("a").tried("b").tried("c")).binds_client);
    }
    settings.mode = CookieMode::kOff;
    BOOST_TEST(!pick(unbound()).binds_client);
}

BOOST_AUTO_TEST_SUITE_END()
