// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a bound client whose member cannot serve: persist, and what it has in common with the others.
// Members a, b, c are up and have weight 1 unless a test says more; clients are bound to b.
#include <boost/test/unit_test.hpp>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/balancer.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using base::Status;
using persistence::CookieState;
using selection::Cause;
using selection::WhenDown;

namespace {

struct Persisting : ThreeMembers {
    Persisting() { when_down = WhenDown::kPersist; }
};

// b's clients are b's backup's, too.
struct WithBackup : Balancer {
    WithBackup()
    {
        members.add("backup", {.route = "b"}).standby("backup").add("a").add("b");
        when_down = WhenDown::kPersist;
    }
};

struct WithTable : Balancer {
    Table memory{100};
    stick_table::StickTable table = memory.table();
    stick_table::TablePair pair{table};

    explicit WithTable(const std::string &route = "")
    {
        settings = {};
        members.add("a", {.route = route, .identity = 101});
        members.add("b", {.route = route, .identity = 102});
        session_limits = kLimits;
        memory.learn(2, 102, kNow_s - 30);
        when_down = WhenDown::kPersist;
    }
    Request having_session_of_b() const { return Request().with_session(pair, memory.key(2)); }
};

struct WithTableAndRoute : WithTable {
    WithTableAndRoute() : WithTable("r") {}
};

void expect_persisted(const Decision &chosen, const std::string &member = "b")
{
    BOOST_TEST(chosen.member == member);
    BOOST_TEST(chosen.cause == Cause::kPersist);
    BOOST_TEST(!chosen.marks_retry);
    BOOST_TEST(!chosen.recovers_all);
    BOOST_TEST(!chosen.moves_route);
    BOOST_TEST(!chosen.wants_cookie);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pick_when_down_test)

BOOST_FIXTURE_TEST_CASE(a_failed_member_gets_its_clients_and_they_keep_their_cookie, Persisting)
{
    members.fail("b");
    const auto chosen = pick(bound_to("b"));
    expect_persisted(chosen);
    BOOST_TEST(chosen.cookie == CookieState::kValid);
    BOOST_TEST(chosen.binds_client);
    BOOST_TEST(pick(unbound().path("/;ROUTEID=.b")).cause == Cause::kPersist);
}

BOOST_FIXTURE_TEST_CASE(so_does_one_that_a_check_found_down, Persisting)
{
    members.fail_check("b");
    expect_persisted(pick(bound_to("b")));
    when_down = WhenDown::kRedispatch;
    BOOST_TEST(pick(bound_to("b")).cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(who_failed_this_request_is_not_asked_again_and_others_are, Persisting)
{
    members.fail("b");
    const auto chosen = pick(bound_to("b").tried("b"));
    BOOST_TEST(chosen.member != "b");
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.cookie == CookieState::kDown);
    BOOST_TEST(chosen.wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(stopped_means_stopped, Persisting)
{
    members.stop("b");
    BOOST_TEST(pick(bound_to("b")).cause == Cause::kRedispatch);
    members.fail("b").fail_check("b");
    BOOST_TEST(pick(bound_to("b")).cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(a_failed_member_that_drains_keeps_its_clients_until_its_deadline, Balancer)
{
    members.add("a").add("b", {.drain_deadline_s = 60});
    when_down = WhenDown::kPersist;
    members.fail("b").drain_since("b", 59);
    expect_persisted(pick(bound_to("b")));
    BOOST_TEST(pick(bound_to("b").at_s(kNow_s + 1)).member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_can_serve_is_served_as_ever, Persisting)
{
    BOOST_TEST(pick(bound_to("b")).cause == Cause::kCookie);
    members.fail("b", kNow_s - 61, 60);
    const auto due = pick(bound_to("b"));
    BOOST_TEST(due.cause == Cause::kCookie);
    BOOST_TEST(due.marks_retry);
}

BOOST_FIXTURE_TEST_CASE(nobody_else_is_persisted, Persisting)
{
    members.fail("b");
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(pick(unbound()).member != "b");
    BOOST_TEST(pick(bound_to("gone")).cause == Cause::kPolicy);
    BOOST_TEST(pick(bound_to("b").ignoring_persistence()).cause == Cause::kPolicy);
    BOOST_TEST(pick(forced_to("b")).cause == Cause::kForced);
    BOOST_TEST(pick(forced_to("b").tried("b")).status == Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(a_live_backup_goes_before_a_dead_primary, WithBackup)
{
    members.fail("b");
    const auto chosen = pick(bound_to("b"));
    BOOST_TEST(chosen.member == "backup");
    BOOST_TEST(chosen.cause == Cause::kCookie);
    members.fail("backup");
    expect_persisted(pick(bound_to("b")));
    expect_persisted(pick(bound_to("b").tried("b")), "backup");
    members.stop("b");
    expect_persisted(pick(bound_to("b")), "backup");
}

BOOST_FIXTURE_TEST_CASE(a_live_redirect_goes_before_a_dead_member, Balancer)
{
    members.add("a").add("b", {.redirect = "a"}).fail("b");
    when_down = WhenDown::kPersist;
    BOOST_TEST(pick(bound_to("b")).member == "a");
    members.fail("a");
    expect_persisted(pick(bound_to("b")));
}

BOOST_FIXTURE_TEST_CASE(where_all_have_failed_the_own_one_is_asked_first_then_the_last_resort,
                        Persisting)
{
    members.fail("a").fail("b").fail("c");
    expect_persisted(pick(bound_to("b")));
    const auto second = pick(bound_to("b").tried("b"));
    BOOST_TEST(second.member != "b");
    BOOST_TEST(second.recovers_all);
}

BOOST_FIXTURE_TEST_CASE(sessions_in_the_table_persist_without_routes, WithTable)
{
    members.fail("b");
    const auto chosen = pick(having_session_of_b());
    expect_persisted(chosen);
    BOOST_TEST(chosen.session == 1U);
    BOOST_TEST(pick(having_session_of_b().tried("b")).member == "a");
    members.stop("b");
    BOOST_TEST(pick(having_session_of_b()).cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(of_members_with_one_route_the_sessions_own_comes_first, WithTableAndRoute)
{
    members.fail("a").fail("b");
    expect_persisted(pick(having_session_of_b()));
    expect_persisted(pick(having_session_of_b().tried("b")), "a");
}

BOOST_FIXTURE_TEST_CASE(where_the_host_places_requests_persist_comes_before_it, Persisting)
{
    places_unbound = false;
    members.fail("b");
    expect_persisted(pick(bound_to("b")));
    const auto second = pick(bound_to("b").tried("b"));
    BOOST_TEST(second.member == "");
    BOOST_TEST(second.cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(forbidden_is_forbidden_at_every_attempt, ThreeMembers)
{
    when_down = WhenDown::kForbid;
    BOOST_TEST(pick(bound_to("b").tried("b")).status == Status::kFailoverForbidden);
    members.fail_check("b");
    BOOST_TEST(pick(bound_to("b")).status == Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(a_thousand_picks_of_a_dead_member_allocate_nothing, Persisting)
{
    members.fail("b");
    const auto in_force = view();
    const auto request = bound_to("b");
    auto asked = request.view();
    asked.when_down = WhenDown::kPersist;
    const auto before = allocation_count();
    for (int i = 0; i < 1000; ++i)
        (void)selection::pick(asked, in_force, cursors);
    BOOST_TEST(allocation_count() == before);
}

BOOST_AUTO_TEST_SUITE_END()
