// SPDX-License-Identifier: Apache-2.0
//
// Clients that are known by a session in the table. Members a, b and c are up; session 1 is at a, session 2 at b,
// session 9 nowhere, session 8 at a member that is gone.
#include <boost/test/unit_test.hpp>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/balancer.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using members::Failback;
using selection::Cause;

namespace {

constexpr std::int64_t kUsedAgo_s = 30;

struct WithTable : Balancer {
    Table memory{100};
    stick_table::StickTable table = memory.table();
    stick_table::TablePair pair{table};

    explicit WithTable(const std::string &route_of_a = "a", const Plan &plan_of_b = {})
    {
        auto b = plan_of_b;
        b.identity = 102;
        members.add("a", {.route = route_of_a, .identity = 101})
            .add("b", b)
            .add("c", {.identity = 103});
        session_limits = kLimits;
        learn(1, 101);
        learn(2, 102);
        learn(8, 108);
    }
    void learn(int number, std::uint64_t member) const
    {
        memory.learn(number, member, kNow_s - kUsedAgo_s);
    }
    Request having(int number, Request request = {}) const
    {
        return request.with_session(pair, memory.key(number));
    }
};

struct NoCookie : WithTable {
    NoCookie() { settings = {}; }
};

struct WithoutRoutes : WithTable {
    WithoutRoutes() : WithTable("") { settings = {}; }
};

struct StandbyB : WithTable {
    explicit StandbyB(const Plan &plan = {}) : WithTable("a", plan) { members.standby("b"); }
};

struct HomeWhenIdle : StandbyB {
    HomeWhenIdle() : StandbyB({.failback = Failback::kIdle, .failback_idle_s = kUsedAgo_s}) {}
};

struct HomeWhenIdleLonger : StandbyB {
    HomeWhenIdleLonger()
        : StandbyB({.failback = Failback::kIdle, .failback_idle_s = kUsedAgo_s + 1})
    {
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pick_table_test)

BOOST_FIXTURE_TEST_CASE(a_session_names_its_member_and_asks_for_no_cookie_where_none_is_set,
                        NoCookie)
{
    for (int i = 0; i < 6; ++i) {
        const auto chosen = pick(having(2));
        BOOST_TEST(chosen.member == "b");
        BOOST_TEST(chosen.cause == Cause::kTable);
        BOOST_TEST(chosen.session == 1U);
        BOOST_TEST(!chosen.binds_client);
        BOOST_TEST(!chosen.wants_cookie);
        BOOST_TEST(!chosen.moves_route);
    }
}

BOOST_FIXTURE_TEST_CASE(a_client_whose_member_only_the_table_knew_gets_the_cookie, WithTable)
{
    const auto chosen = pick(having(2));
    BOOST_TEST(chosen.member == "b");
    BOOST_TEST(chosen.wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(cookie_and_url_have_the_first_word, WithTable)
{
    BOOST_TEST(pick(having(2, bound_to("c"))).member == "c");
    BOOST_TEST(pick(having(2, bound_to("c"))).session == 0U);
    BOOST_TEST(pick(having(2, unbound().query("ROUTEID=.c"))).member == "c");
    BOOST_TEST(pick(having(2, forced_to("c"))).member == "c");
    BOOST_TEST(pick(having(2, bound_to("nobody"))).member == "b");
}

BOOST_FIXTURE_TEST_CASE(who_is_not_to_be_kept_is_not_looked_for, WithTable)
{
    BOOST_TEST(picks(having(2).ignoring_persistence(), 30).at("a") == 10);
}

BOOST_FIXTURE_TEST_CASE(the_first_session_that_is_at_a_member_of_ours, WithTable)
{
    const auto chosen = pick(having(1, having(2, having(8, having(9)))));
    BOOST_TEST(chosen.member == "b");
    BOOST_TEST(chosen.session == 3U);
    BOOST_TEST(picks(having(8, having(9)), 30).at("c") == 10);
}

BOOST_FIXTURE_TEST_CASE(a_session_whose_member_can_serve_goes_before_one_whose_member_cannot,
                        WithTable)
{
    members.fail("b");
    const auto chosen = pick(having(1, having(2)));
    BOOST_TEST(chosen.member == "a");
    BOOST_TEST(chosen.cause == Cause::kTable);
    BOOST_TEST(chosen.session == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_session_whose_member_is_down_is_redispatched, WithTable)
{
    members.fail("b");
    const auto chosen = pick(having(2));
    BOOST_TEST(chosen.member != "b");
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.moves_route);
    when_down = selection::WhenDown::kForbid;
    BOOST_TEST(pick(having(2)).status == base::Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(a_draining_member_keeps_its_sessions_and_a_stopped_one_does_not, WithTable)
{
    members.drain("b");
    BOOST_TEST(pick(having(2)).member == "b");
    members.stop("b");
    BOOST_TEST(pick(having(2)).member != "b");
}

BOOST_FIXTURE_TEST_CASE(members_need_no_routes, WithoutRoutes)
{
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(pick(having(1)).member == "a");
    members.fail("a");
    const auto moved = pick(having(1));
    BOOST_TEST(moved.member != "a");
    BOOST_TEST(moved.cause == Cause::kRedispatch);
}

BOOST_AUTO_TEST_CASE(of_members_that_share_a_route_it_is_the_one_that_has_the_session)
{
    WithTable shared("b");  // a and b have route b
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(shared.pick(shared.having(2)).member == "b");
    shared.members.fail("b");
    const auto chosen = shared.pick(shared.having(2));
    BOOST_TEST(chosen.member == "a");
    BOOST_TEST(chosen.cause == Cause::kTable);
}

BOOST_FIXTURE_TEST_CASE(an_expired_session_is_none, WithTable)
{
    const auto end_s = kNow_s - kUsedAgo_s + kLimits.expire.us / kSecond;
    BOOST_TEST(pick(having(2).at_s(end_s)).cause == Cause::kTable);
    BOOST_TEST(pick(having(2).at_s(end_s + 1)).cause == Cause::kPolicy);
}

BOOST_FIXTURE_TEST_CASE(a_standbys_session_stays, StandbyB)
{
    BOOST_TEST(pick(having(2)).member == "b");
}
BOOST_FIXTURE_TEST_CASE(a_standbys_session_goes_home_after_so_long_without_use, HomeWhenIdle)
{
    BOOST_TEST(pick(having(2)).member != "b");
}
BOOST_FIXTURE_TEST_CASE(and_not_before, HomeWhenIdleLonger)
{
    BOOST_TEST(pick(having(2)).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_pick_by_session_allocates_nothing, WithTable)
{
    const auto in_force = view();
    const auto request = having(2);
    const auto asked = request.view();
    const auto before = allocation_count();
    for (int i = 0; i < 1000; ++i)
        (void)selection::pick(asked, in_force, cursors);
    BOOST_TEST(allocation_count() == before);
}

BOOST_AUTO_TEST_SUITE_END()
