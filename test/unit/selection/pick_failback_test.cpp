// SPDX-License-Identifier: Apache-2.0
//
// When the clients of a standby go home, and standbys that bind nobody. Members a and b are up and s is
// their standby; each has weight 1 unless a test says more. A cookie names s unless a test says more.
#include <boost/test/unit_test.hpp>

#include <string>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/balancer.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using members::Failback;
using persistence::CookieState;
using selection::Cause;

namespace {

struct WithStandby : Balancer {
    explicit WithStandby(const Plan &standby = {})
    {
        members.add("a").add("b").add("s", standby).standby("s");
    }
};

struct Never : WithStandby {};

struct Immediate : WithStandby {
    Immediate() : WithStandby({.failback = Failback::kImmediate}) {}
};

// Home after a minute without a request.
struct Idle : WithStandby {
    Idle() : WithStandby({.failback = Failback::kIdle, .failback_idle_s = 60})
    {
        settings.member_idle_s = 60;
    }
};

struct LearnsNot : WithStandby {
    LearnsNot() : WithStandby({.binds_clients = false}) {}
};

// Bound to s, and last seen so many seconds ago.
Request seen_ago_s(std::int64_t ago_s)
{
    char text[64];
    base::BoundedWriter out(text);
    persistence::write_cookie_dates(out, {kNow_s - 5000, kNow_s - ago_s});
    return unbound().cookie("ROUTEID=" + std::string(text, out.size_needed()) + ".s");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pick_failback_test)

// ---- never ----

BOOST_FIXTURE_TEST_CASE(without_a_word_the_clients_of_a_standby_stay, Never)
{
    const auto chosen = pick(bound_to("s"));
    BOOST_TEST(chosen.member == "s");
    BOOST_TEST(chosen.cause == Cause::kCookie);
    BOOST_TEST(!chosen.wants_cookie);
    BOOST_TEST(pick(seen_ago_s(4999)).member == "s");
}

// ---- immediate ----

BOOST_FIXTURE_TEST_CASE(a_client_goes_home_at_its_next_request_and_is_told_so, Immediate)
{
    const auto chosen = pick(bound_to("s"));
    BOOST_TEST(chosen.member == "a");
    BOOST_TEST(chosen.cause == Cause::kPolicy);
    BOOST_TEST(chosen.cookie == CookieState::kValid);
    BOOST_TEST(chosen.asked_route == "s");
    BOOST_TEST(chosen.moves_route);
    BOOST_TEST(chosen.binds_client);
    BOOST_TEST(chosen.wants_cookie);
    BOOST_TEST(pick(unbound().path("/;ROUTEID=.s")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(clients_that_go_home_are_spread_by_the_policy, Immediate)
{
    const auto counts = picks(bound_to("s"), 10);
    BOOST_TEST(counts.at("a") == 5);
    BOOST_TEST(counts.at("b") == 5);
}

BOOST_FIXTURE_TEST_CASE(nobody_goes_home_while_nobody_is_there, Immediate)
{
    members.stop("a").stop("b");
    const auto chosen = pick(bound_to("s"));
    BOOST_TEST(chosen.member == "s");
    BOOST_TEST(chosen.cause == Cause::kCookie);
    BOOST_TEST(!chosen.wants_cookie);
    members.up("b");
    BOOST_TEST(pick(bound_to("s")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_later_set_is_no_home, Immediate)
{
    members.stop("a").stop("b").add("later", {.set = 1});
    BOOST_TEST(pick(unbound()).member == "s");
    BOOST_TEST(pick(bound_to("s")).member == "s");
    members.up("b");
    BOOST_TEST(pick(bound_to("s")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(home_is_where_new_clients_are_taken, Immediate)
{
    members.drain("a").fail("b");
    BOOST_TEST(pick(bound_to("s")).member == "s");
    members.remove_all();
    members.add("a", {.weight = 0}).add("s", {.failback = Failback::kImmediate}).standby("s");
    BOOST_TEST(pick(bound_to("s")).member == "s");
}

BOOST_FIXTURE_TEST_CASE(a_home_that_failed_this_request_is_none, Immediate)
{
    BOOST_TEST(pick(bound_to("s").tried("a")).member == "b");
    BOOST_TEST(pick(bound_to("s").tried("a").tried("b")).member == "s");
}

BOOST_FIXTURE_TEST_CASE(another_standby_is_no_home, Immediate)
{
    members.add("t").standby("t").stop("a").stop("b");
    BOOST_TEST(pick(bound_to("s")).member == "s");
}

BOOST_FIXTURE_TEST_CASE(a_spare_that_serves_is_a_home_and_one_that_rests_is_not, Immediate)
{
    members.remove_all();
    members.add("a").add("p").spare("p").add("s", {.failback = Failback::kImmediate}).standby("s");
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(pick(bound_to("s")).member == "a");
    members.stop("a");
    BOOST_TEST(pick(bound_to("s")).member == "p");
}

BOOST_FIXTURE_TEST_CASE(only_standbys_send_their_clients_away, Immediate)
{
    members.remove_all();
    members.add("a").add("b", {.failback = Failback::kImmediate});
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(pick(bound_to("b")).member == "b");
    members.standby("b");
    BOOST_TEST(pick(bound_to("b")).member == "a");
}

BOOST_FIXTURE_TEST_CASE(where_a_standby_has_its_primarys_route_the_client_is_the_primarys, Never)
{
    members.remove_all();
    members.add("s", {.route = "a"}).standby("s").add("a").add("b");
    BOOST_TEST(pick(bound_to("a")).member == "a");
    members.stop("a");
    const auto chosen = pick(bound_to("a"));
    BOOST_TEST(chosen.member == "s");
    BOOST_TEST(!chosen.moves_route);
    BOOST_TEST(!chosen.wants_cookie);
    members.up("a");
    BOOST_TEST(pick(bound_to("a")).member == "a");
}

BOOST_FIXTURE_TEST_CASE(nobody_who_may_not_be_moved_goes_home, Immediate)
{
    BOOST_TEST(pick(forced_to("s")).member == "s");
    when_down = selection::WhenDown::kForbid;
    BOOST_TEST(pick(bound_to("s")).member == "s");
}

BOOST_FIXTURE_TEST_CASE(a_standby_that_cannot_serve_redispatches_as_any_member, Immediate)
{
    members.stop("s");
    const auto chosen = pick(bound_to("s"));
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.cookie == CookieState::kDown);
}

// ---- idle ----

BOOST_FIXTURE_TEST_CASE(a_client_goes_home_when_it_was_away_for_long_enough, Idle)
{
    BOOST_TEST(pick(seen_ago_s(0)).member == "s");
    BOOST_TEST(pick(seen_ago_s(59)).member == "s");
    const auto home = pick(seen_ago_s(60));
    BOOST_TEST(home.member == "a");
    BOOST_TEST(home.moves_route);
    BOOST_TEST(home.wants_cookie);
    BOOST_TEST(home.dates.issued_s == kNow_s);
    BOOST_TEST(home.dates.seen_s == kNow_s);
}

BOOST_FIXTURE_TEST_CASE(each_standby_has_a_patience_of_its_own, Idle)
{
    members.add("t", {.route = "t", .failback = Failback::kIdle, .failback_idle_s = 600});
    members.standby("t");
    char text[64];
    base::BoundedWriter out(text);
    persistence::write_cookie_dates(out, {kNow_s - 5000, kNow_s - 599});
    const auto dates = "ROUTEID=" + std::string(text, out.size_needed());
    BOOST_TEST(pick(unbound().cookie(dates + ".t")).member == "t");
    BOOST_TEST(pick(unbound().cookie(dates + ".t").at_s(kNow_s + 1)).member == "a");
    BOOST_TEST(pick(unbound().cookie(dates + ".s")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_client_of_whom_nothing_is_known_stays_and_gets_dates, Idle)
{
    const auto undated = pick(bound_to("s"));
    BOOST_TEST(undated.member == "s");
    BOOST_TEST(undated.wants_cookie);
    BOOST_TEST(undated.dates.issued_s == kNow_s);
    BOOST_TEST(undated.dates.seen_s == kNow_s);
    BOOST_TEST(pick(unbound().query("ROUTEID=.s")).member == "s");
}

BOOST_FIXTURE_TEST_CASE(a_client_that_comes_often_is_noted_often_enough_to_stay, Idle)
{
    const auto kept = pick(seen_ago_s(3));
    BOOST_TEST(!kept.wants_cookie);
    const auto noted = pick(seen_ago_s(4));  // a sixteenth of a minute, and some
    BOOST_TEST(noted.member == "s");
    BOOST_TEST(noted.wants_cookie);
    BOOST_TEST(noted.dates.issued_s == kNow_s - 5000);
    BOOST_TEST(noted.dates.seen_s == kNow_s);
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_was_stepped_back_sends_nobody_home, Idle)
{
    BOOST_TEST(pick(seen_ago_s(-600)).member == "s");
}

// ---- nolearn ----

BOOST_FIXTURE_TEST_CASE(a_standby_that_binds_nobody_leaves_the_cookie_as_it_is, LearnsNot)
{
    members.stop("a").stop("b");
    for (const auto &request : {bound_to("a"), unbound(), bound_to("gone")}) {
        const auto chosen = pick(request);
        BOOST_TEST(chosen.member == "s");
        BOOST_TEST(!chosen.binds_client);
        BOOST_TEST(!chosen.wants_cookie);
    }
    members.up("a");
    const auto back = pick(bound_to("a"));  // the cookie that it has kept
    BOOST_TEST(back.member == "a");
    BOOST_TEST(back.cause == Cause::kCookie);
    BOOST_TEST(!back.wants_cookie);
    BOOST_TEST(back.binds_client);
}

BOOST_FIXTURE_TEST_CASE(a_member_that_binds_nobody_serves_who_asks_for_it, LearnsNot)
{
    const auto chosen = pick(bound_to("s"));
    BOOST_TEST(chosen.member == "s");
    BOOST_TEST(!chosen.binds_client);
}

BOOST_FIXTURE_TEST_CASE(a_thousand_picks_on_the_way_home_allocate_nothing, Immediate)
{
    const auto in_force = view();
    const auto request = bound_to("s");
    const auto asked = request.view();
    int at_home = 0;
    const auto before = allocation_count();
    for (int i = 0; i < 1000; ++i)
        at_home += selection::pick(asked, in_force, cursors)->member != 2;
    BOOST_TEST(allocation_count() - before == 0u);
    BOOST_TEST(at_home == 1000);
}

BOOST_AUTO_TEST_SUITE_END()
