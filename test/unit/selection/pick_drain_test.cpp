// SPDX-License-Identifier: Apache-2.0
//
// How the clients of a draining member go: never, when the administrator says so (may_move), when they have
// paused, or at a deadline. Members a, b, c are up; b drains, and clients are bound to it.
#include <boost/test/unit_test.hpp>

#include "test/unit/support/balancer.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using base::Status;
using persistence::CookieState;
using selection::Cause;
using selection::WhenDown;

namespace {

constexpr std::int64_t kUsedAgo_s = 30;

struct Draining : Balancer {
    explicit Draining(const Plan &plan_of_b = {})
    {
        auto b = plan_of_b;
        b.identity = 102;
        members.add("a").add("b", b).add("c").drain("b");
    }
};

// A minute after the drain began, b's clients are moved.
struct Deadline : Draining {
    Deadline() : Draining({.drain_deadline_s = 60}) {}
};

// Who has asked for nothing for a minute is moved.
struct Idle : Draining {
    Idle() : Draining({.drain_idle_s = 60}) { settings.member_idle_s = 60; }
};

struct IdleSession : Draining {
    Table memory{100};
    stick_table::StickTable table = memory.table();
    stick_table::TablePair pair{table};

    explicit IdleSession(std::int64_t idle_s = kUsedAgo_s) : Draining({.drain_idle_s = idle_s})
    {
        settings = {};
        session_limits = kLimits;
        memory.learn(2, 102, kNow_s - kUsedAgo_s);
    }
    Request having_session() const { return Request().with_session(pair, memory.key(2)); }
};
struct LessIdleSession : IdleSession {
    LessIdleSession() : IdleSession(kUsedAgo_s + 1) {}
};

Request seen_ago_s(std::int64_t ago_s)
{
    char text[64];
    base::BoundedWriter out(text);
    persistence::write_cookie_dates(out, {kNow_s - 5000, kNow_s - ago_s});
    return unbound().cookie("ROUTEID=" + std::string(text, out.size_needed()) + ".b");
}

void expect_moved(const Decision &chosen)
{
    BOOST_TEST(chosen.status == Status::kOk);
    BOOST_TEST(chosen.member != "b");
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.moves_route);
    BOOST_TEST(chosen.wants_cookie);
}

void expect_stayed(const Decision &chosen)
{
    BOOST_TEST(chosen.member == "b");
    BOOST_TEST(chosen.cause == Cause::kCookie);
    BOOST_TEST(!chosen.wants_cookie);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pick_drain_test)

// ---- the administrator's word ----

BOOST_FIXTURE_TEST_CASE(a_client_that_may_move_goes_as_one_that_is_new, Draining)
{
    expect_stayed(pick(bound_to("b")));
    expect_moved(pick(bound_to("b").moving()));
    BOOST_TEST(pick(bound_to("b").moving()).cookie == CookieState::kValid);
    BOOST_TEST(picks(bound_to("b").moving(), 10).at("a") == 5);
    BOOST_TEST(pick(unbound().path("/;ROUTEID=.b").moving()).cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(it_moves_nobody_from_a_member_that_does_not_drain, Draining)
{
    const auto chosen = pick(bound_to("a").moving());
    BOOST_TEST(chosen.member == "a");
    BOOST_TEST(chosen.cause == Cause::kCookie);
    BOOST_TEST(pick(unbound().moving()).cause == Cause::kPolicy);
}

BOOST_FIXTURE_TEST_CASE(where_nobody_else_takes_clients_it_stays, Draining)
{
    members.drain("a").fail("c");
    expect_stayed(pick(bound_to("b").moving()));
    members.remove_all();
    members.add("a", {.weight = 0}).add("b").drain("b");
    expect_stayed(pick(bound_to("b").moving()));
    places_unbound = false;
    expect_stayed(pick(bound_to("b").moving()));
}

BOOST_FIXTURE_TEST_CASE(a_standby_takes_it_where_a_new_client_would_go_there, Draining)
{
    members.fail("a").standby("c");
    BOOST_TEST(pick(bound_to("b").moving()).member == "c");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_failed_the_request_is_not_asked_and_its_own_comes_last,
                        Draining)
{
    BOOST_TEST(pick(bound_to("b").moving().tried("a")).member == "c");
    expect_stayed(pick(bound_to("b").moving().tried("a").tried("c")));
}

BOOST_FIXTURE_TEST_CASE(nobody_who_may_not_be_moved_is, Draining)
{
    when_down = WhenDown::kForbid;
    expect_stayed(pick(bound_to("b").moving()));
    when_down = WhenDown::kPersist;
    expect_moved(pick(bound_to("b").moving()));
    BOOST_TEST(pick(forced_to("b").moving()).member == "b");
}

BOOST_FIXTURE_TEST_CASE(where_the_host_places_requests_it_places_this_one, Draining)
{
    places_unbound = false;
    const auto chosen = pick(bound_to("b").moving());
    BOOST_TEST(chosen.member == "");
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.wants_cookie);
}

// ---- idle ----

BOOST_FIXTURE_TEST_CASE(a_client_that_has_paused_goes, Idle)
{
    expect_stayed(pick(seen_ago_s(0)));
    BOOST_TEST(pick(seen_ago_s(59)).member == "b");
    expect_moved(pick(seen_ago_s(60)));
    BOOST_TEST(pick(bound_to("b")).member == "b");  // it has no dates yet, and gets some
    BOOST_TEST(pick(bound_to("b")).wants_cookie);
    members.up("b");
    BOOST_TEST(pick(seen_ago_s(60)).member == "b");
}

BOOST_FIXTURE_TEST_CASE(so_does_a_session_that_was_not_used, IdleSession)
{
    const auto chosen = pick(having_session());
    BOOST_TEST(chosen.member != "b");
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.session == 1U);  // it moves
}
BOOST_FIXTURE_TEST_CASE(and_not_before, LessIdleSession)
{
    BOOST_TEST(pick(having_session()).member == "b");
    BOOST_TEST(pick(having_session().moving()).cause == Cause::kRedispatch);
}

// ---- the deadline ----

BOOST_FIXTURE_TEST_CASE(at_the_deadline_all_go, Deadline)
{
    members.drain_since("b", 59);
    expect_stayed(pick(bound_to("b")));
    members.drain_since("b", 60);
    expect_moved(pick(bound_to("b")));
    BOOST_TEST(pick(bound_to("b")).cookie == CookieState::kDown);
    BOOST_TEST(pick(forced_to("b")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_drain_that_nobody_has_noted_has_no_deadline, Deadline)
{
    expect_stayed(pick(bound_to("b")));
    members.up("b").drain_since("b", 600).up("b");  // it drains no more
    expect_stayed(pick(bound_to("b")));
}

BOOST_FIXTURE_TEST_CASE(after_it_the_member_is_as_one_that_is_stopped, Deadline)
{
    members.drain_since("b", 60).stop("a").stop("c");
    BOOST_TEST(pick(bound_to("b")).status == Status::kNoUsableMember);
    members.up("a").up("c");
    when_down = WhenDown::kForbid;
    BOOST_TEST(pick(bound_to("b")).status == Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(nor_is_it_a_last_resort, Deadline)
{
    members.drain_since("b", 60).fail("b").stop("a").stop("c");
    BOOST_TEST(pick(bound_to("b")).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(a_backup_with_its_route_takes_its_clients_and_their_cookie, Balancer)
{
    members.add("a").add("b", {.drain_deadline_s = 60}).add("backup", {.route = "b"});
    members.standby("backup").drain_since("b", 60);
    const auto chosen = pick(bound_to("b"));
    BOOST_TEST(chosen.member == "backup");
    BOOST_TEST(chosen.cause == Cause::kCookie);
    BOOST_TEST(!chosen.wants_cookie);
}

BOOST_AUTO_TEST_SUITE_END()
