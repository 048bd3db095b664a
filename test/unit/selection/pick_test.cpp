// SPDX-License-Identifier: Apache-2.0
//
// The rules of selection/pick.hpp, one by one; those of cookies are in pick_cookie_test.cpp. Members a,
// b, c are up and have weight 1 unless a test says more.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/balancer.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using base::Status;
using persistence::CookieState;
using selection::Cause;

namespace {

using Counts = std::map<std::string, int>;

}  // namespace

namespace std {  // so that Boost.Test can say what differs
ostream &operator<<(ostream &out, const pair<const string, int> &count)
{
    return out << count.first << ' ' << count.second;
}
}  // namespace std

BOOST_AUTO_TEST_SUITE(pick_test)

// ---- unbound ----

BOOST_FIXTURE_TEST_CASE(unbound_clients_are_spread_evenly_and_in_order, ThreeMembers)
{
    for (const auto *name : {"a", "b", "c", "a", "b", "c"}) {
        const auto chosen = pick(unbound());
        BOOST_TEST(chosen.member == name);
        BOOST_TEST(chosen.cause == Cause::kPolicy);
        BOOST_TEST(!chosen.moves_route);
        BOOST_TEST(!chosen.marks_retry);
        BOOST_TEST(chosen.cookie == CookieState::kNone);
    }
}

BOOST_FIXTURE_TEST_CASE(unbound_clients_are_spread_by_weight, Balancer)
{
    members.add("a", {.weight = 3}).add("b", {.weight = 2}).add("c", {.weight = 1});
    BOOST_TEST(picks(unbound(), 60) == (Counts{{"a", 30}, {"b", 20}, {"c", 10}}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_member_that_is_down_leaves_its_share_to_the_others_by_their_weights,
                        Balancer)
{
    members.add("a", {.weight = 3}).add("b", {.weight = 2}).add("c", {.weight = 1});
    members.stop("a");
    BOOST_TEST(picks(unbound(), 60) == (Counts{{"b", 40}, {"c", 20}}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(shares_stay_exact_for_any_weights_up_to_ten_while_members_are_down,
                        Balancer)
{
    std::mt19937 random(20240131);
    for (int round = 0; round < 50; ++round) {
        members.remove_all();
        const auto count = 3 + random() % 6;
        std::vector<int> weights;
        int period = 0;
        for (std::size_t i = 0; i < count; ++i) {
            weights.push_back(1 + static_cast<int>(random() % 10));
            members.add(std::string(1, static_cast<char>('a' + i)),
                        {.weight = static_cast<std::uint32_t>(weights[i])});
            period += i > 0 ? weights[i] : 0;
        }
        members.stop("a");
        auto counts = picks(unbound(), 2 * period);
        for (std::size_t i = 0; i < count; ++i)
            BOOST_TEST_REQUIRE(counts[std::string(1, static_cast<char>('a' + i))] ==
                               (i == 0 ? 0 : 2 * weights[i]));
    }
}

BOOST_FIXTURE_TEST_CASE(shares_stay_exact_while_a_member_of_a_great_weight_is_down, Balancer)
{
    members.add("a", {.weight = 100}).add("b", {.weight = 3}).add("c", {.weight = 1});
    members.stop("a");
    BOOST_TEST(picks(unbound(), 40) == (Counts{{"b", 30}, {"c", 10}}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_member_of_overwhelming_weight_that_is_down_leaves_something_for_everybody,
                        Balancer)
{
    members.add("a", {.weight = 2'000}).add("b").add("c");
    members.stop("a");
    Counts counts;
    for (int i = 0; i < 30; ++i)
        ++counts[pick(unbound().at_s(kNow_s + i)).member];
    BOOST_TEST(counts["b"] >= 8);
    BOOST_TEST(counts["c"] >= 8);
}

BOOST_FIXTURE_TEST_CASE(nearly_everybody_down_still_finds_the_last_member, Balancer)
{
    for (int i = 0; i < 500; ++i) {
        members.add("m" + std::to_string(i), {.weight = static_cast<std::uint32_t>(1 + i % 50)});
        if (i != 333)
            members.stop("m" + std::to_string(i));
    }
    BOOST_TEST(picks(unbound(), 20) == (Counts{{"m333", 20}}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(nobody_at_all_is_no_usable_member, ThreeMembers)
{
    members.stop("a").stop("b").stop("c");
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
    BOOST_TEST(pick(bound_to("a")).status == Status::kNoUsableMember);
    members.remove_all();
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
    BOOST_TEST(pick(bound_to("a")).status == Status::kNoUsableMember);
    BOOST_TEST(pick(forced_to("a")).status == Status::kNoUsableMember);
}

// ---- bound ----

BOOST_FIXTURE_TEST_CASE(a_bound_client_stays, ThreeMembers)
{
    for (int i = 0; i < 10; ++i) {
        const auto chosen = pick(bound_to("b"));
        BOOST_TEST(chosen.member == "b");
        BOOST_TEST(chosen.cause == Cause::kCookie);
        BOOST_TEST(chosen.cookie == CookieState::kValid);
        BOOST_TEST(chosen.asked_route == "b");
        BOOST_TEST(!chosen.moves_route);
    }
}

BOOST_FIXTURE_TEST_CASE(bound_clients_take_no_turns_from_unbound_ones, ThreeMembers)
{
    BOOST_TEST(pick(unbound()).member == "a");
    picks(bound_to("b"), 10);
    BOOST_TEST(pick(unbound()).member == "b");
}

BOOST_FIXTURE_TEST_CASE(the_cause_tells_where_the_member_was_named, ThreeMembers)
{
    BOOST_TEST(pick(unbound().path("/x;ROUTEID=.b")).cause == Cause::kPath);
    BOOST_TEST(pick(unbound().query("ROUTEID=.b")).cause == Cause::kQuery);
    BOOST_TEST(pick(forced_to("b")).cause == Cause::kForced);
    BOOST_TEST(pick(unbound().path("/x;ROUTEID=.b")).member == "b");
    BOOST_TEST(pick(unbound().query("ROUTEID=.b")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_cookie_for_a_member_that_is_gone_is_placed_anew, ThreeMembers)
{
    const auto chosen = pick(bound_to("gone"));
    BOOST_TEST(chosen.member == "a");
    BOOST_TEST(chosen.cause == Cause::kPolicy);
    BOOST_TEST(chosen.cookie == CookieState::kInvalid);
    BOOST_TEST(chosen.asked_route == "gone");
    BOOST_TEST(!chosen.moves_route);
}

BOOST_FIXTURE_TEST_CASE(a_bound_client_stays_on_a_draining_member, ThreeMembers)
{
    members.drain("b");
    BOOST_TEST(pick(bound_to("b")).member == "b");
    BOOST_TEST(pick(bound_to("b")).cause == Cause::kCookie);
}

BOOST_FIXTURE_TEST_CASE(an_unbound_client_never_reaches_a_draining_member, ThreeMembers)
{
    members.drain("b");
    BOOST_TEST(picks(unbound(), 300).count("b") == 0u);
    members.stop("a").stop("c");
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
    BOOST_TEST(pick(bound_to("a")).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(a_draining_member_is_no_last_resort_for_an_unbound_client, ThreeMembers)
{
    members.stop("a").stop("c").drain("b").fail("b");
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
    BOOST_TEST(pick(bound_to("b")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_stopped_member_redispatches_and_says_so, ThreeMembers)
{
    members.stop("b");
    const auto chosen = pick(bound_to("b"));
    BOOST_TEST(chosen.member == "a");
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.cookie == CookieState::kDown);
    BOOST_TEST(chosen.asked_route == "b");
    BOOST_TEST(chosen.moves_route);
}

BOOST_FIXTURE_TEST_CASE(a_failed_member_redispatches_until_its_retry_is_due, ThreeMembers)
{
    members.fail("b", kNow_s, 60);
    BOOST_TEST(pick(bound_to("b").at_s(kNow_s + 60)).cause == Cause::kRedispatch);
    const auto retried = pick(bound_to("b").at_s(kNow_s + 61));
    BOOST_TEST(retried.member == "b");
    BOOST_TEST(retried.cause == Cause::kCookie);
    BOOST_TEST(retried.marks_retry);
    BOOST_TEST(!retried.moves_route);
}

BOOST_FIXTURE_TEST_CASE(
    a_member_named_in_the_url_that_is_down_is_redispatched_without_a_word_on_cookies, ThreeMembers)
{
    members.stop("b");
    const auto chosen = pick(unbound().query("ROUTEID=.b"));
    BOOST_TEST(chosen.cause == Cause::kRedispatch);
    BOOST_TEST(chosen.cookie == CookieState::kNone);
    BOOST_TEST(chosen.moves_route);
}

BOOST_FIXTURE_TEST_CASE(a_failed_member_whose_retry_is_due_takes_unbound_clients_and_is_marked,
                        ThreeMembers)
{
    members.fail("a", kNow_s - 61, 60).stop("b").stop("c");
    BOOST_TEST(pick(unbound()).member == "a");
    BOOST_TEST(pick(unbound()).marks_retry);
    members.up("a");
    BOOST_TEST(!pick(unbound()).marks_retry);
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_was_stepped_back_keeps_nobody_out, ThreeMembers)
{
    members.fail("b", kNow_s + 3600, 60);
    BOOST_TEST(pick(bound_to("b")).member == "b");
    BOOST_TEST(picks(unbound(), 3).count("b") == 1u);
}

// ---- members that share a route ----

struct Siblings : Balancer {  // a, a2, a3 with route a; b
    Siblings() { members.add("a").add("a2", {.route = "a"}).add("b").add("a3", {.route = "a"}); }
};

BOOST_FIXTURE_TEST_CASE(members_of_one_route_serve_its_clients_in_order, Siblings)
{
    BOOST_TEST(pick(bound_to("a")).member == "a");
    members.stop("a");
    BOOST_TEST(pick(bound_to("a")).member == "a2");
    BOOST_TEST(pick(bound_to("a")).cause == Cause::kCookie);
    BOOST_TEST(!pick(bound_to("a")).moves_route);
    BOOST_TEST(!pick(bound_to("a")).wants_cookie);
    members.fail("a2");
    BOOST_TEST(pick(bound_to("a")).member == "a3");
    members.stop("a3");
    BOOST_TEST(pick(bound_to("a")).member == "b");
    BOOST_TEST(pick(bound_to("a")).cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(a_standby_comes_last_among_the_members_of_its_route, Siblings)
{
    members.standby("a");
    BOOST_TEST(pick(bound_to("a")).member == "a2");
    members.stop("a2").stop("a3");
    BOOST_TEST(pick(bound_to("a")).member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_standby_serves_its_own_clients_while_others_could, ThreeMembers)
{
    members.standby("b");
    BOOST_TEST(pick(bound_to("b")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_sibling_that_was_tried_is_passed_over, Siblings)
{
    BOOST_TEST(pick(bound_to("a").tried("a")).member == "a2");
    BOOST_TEST(pick(bound_to("a").tried("a").tried("a2")).member == "a3");
    BOOST_TEST(pick(bound_to("a").tried("a").tried("a2").tried("a3")).member == "b");
}

// ---- redirect ----

BOOST_FIXTURE_TEST_CASE(a_member_that_cannot_serve_sends_its_clients_to_its_redirect, Balancer)
{
    members.add("a", {.redirect = "c"}).add("b").add("c");
    BOOST_TEST(pick(bound_to("a")).member == "a");
    members.stop("a");
    for (int i = 0; i < 3; ++i) {
        const auto chosen = pick(bound_to("a"));
        BOOST_TEST(chosen.member == "c");
        BOOST_TEST(chosen.moves_route);
        BOOST_TEST(chosen.wants_cookie);
        BOOST_TEST(chosen.cause == Cause::kRedispatch);
    }
}

BOOST_FIXTURE_TEST_CASE(
    a_redirect_serves_its_clients_even_where_failover_is_forbidden_and_while_it_drains, Balancer)
{
    members.add("a", {.redirect = "c"}).add("b").add("c");
    members.stop("a").drain("c");
    when_down = selection::WhenDown::kForbid;
    BOOST_TEST(pick(bound_to("a")).member == "c");
    members.stop("c");
    BOOST_TEST(pick(bound_to("a")).status == Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(redirects_are_followed_one_after_the_other, Balancer)
{
    members.add("a", {.redirect = "b"}).add("b", {.redirect = "c"}).add("c").add("d");
    members.stop("a").stop("b");
    BOOST_TEST(pick(bound_to("a")).member == "c");
}

BOOST_FIXTURE_TEST_CASE(the_redirect_of_every_member_of_the_route_is_tried, Balancer)
{
    members.add("a", {.redirect = "b"})
        .add("a2", {.redirect = "c", .route = "a"})
        .add("b")
        .add("c")
        .add("d");
    members.stop("a").stop("a2").stop("b");
    when_down = selection::WhenDown::kForbid;
    BOOST_TEST(pick(bound_to("a")).member == "c");
}

BOOST_FIXTURE_TEST_CASE(a_redirect_that_nobody_has_as_a_route_leads_nowhere, Balancer)
{
    members.add("a", {.redirect = "gone"})
        .add("a2", {.redirect = "c", .route = "a"})
        .add("b")
        .add("c");
    members.stop("a").stop("a2");
    BOOST_TEST(pick(bound_to("a")).member == "c");
    members.stop("c");
    BOOST_TEST(pick(bound_to("a")).member == "b");
    BOOST_TEST(pick(bound_to("a")).cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(redirects_in_a_circle_come_to_an_end, Balancer)
{
    members.add("a", {.redirect = "b"})
        .add("b", {.redirect = "a"})
        .add("c", {.redirect = "c"})
        .add("d");
    members.stop("a").stop("b").stop("c");
    BOOST_TEST(pick(bound_to("a")).member == "d");
    BOOST_TEST(pick(bound_to("c")).member == "d");
}

BOOST_FIXTURE_TEST_CASE(a_circle_of_redirects_does_not_hide_the_redirect_of_another_member,
                        Balancer)
{
    members.add("a", {.redirect = "b"}).add("a2", {.redirect = "c", .route = "a"});
    members.add("b", {.redirect = "a"}).add("c").add("d");
    members.stop("a").stop("a2").stop("b");
    when_down = selection::WhenDown::kForbid;
    BOOST_TEST(pick(bound_to("a")).member == "c");
}

// ---- forbidden failover ----

BOOST_FIXTURE_TEST_CASE(where_failover_is_forbidden_a_bound_client_is_never_moved, ThreeMembers)
{
    when_down = selection::WhenDown::kForbid;
    BOOST_TEST(pick(bound_to("b")).member == "b");
    members.stop("b");
    BOOST_TEST(pick(bound_to("b")).status == Status::kFailoverForbidden);
    BOOST_TEST(pick(unbound().path("/;ROUTEID=.b")).status == Status::kFailoverForbidden);
    BOOST_TEST(pick(bound_to("a").tried("a")).status == Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(where_failover_is_forbidden_unbound_clients_go_anywhere, ThreeMembers)
{
    when_down = selection::WhenDown::kForbid;
    members.stop("b");
    BOOST_TEST(picks(unbound(), 4) == (Counts{{"a", 2}, {"c", 2}}),
               boost::test_tools::per_element());
    BOOST_TEST(pick(bound_to("gone")).status == Status::kOk);
    BOOST_TEST(pick(unbound().tried("a")).member == "c");
}

// ---- spares, standbys, sets ----

struct WithSpares : Balancer {  // a, b; spares s, t
    WithSpares()
    {
        members.add("a").add("b").add("s").add("t");
        members.spare("s").spare("t");
    }
};

BOOST_FIXTURE_TEST_CASE(spares_rest_while_every_regular_member_can_serve, WithSpares)
{
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"a", 4}, {"b", 4}}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(as_many_spares_serve_as_regular_members_cannot, WithSpares)
{
    members.stop("a");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"b", 4}, {"s", 4}}),
               boost::test_tools::per_element());
    members.fail("b");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"s", 4}, {"t", 4}}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_spare_that_cannot_serve_leaves_its_place_to_the_next, WithSpares)
{
    members.stop("a").stop("s");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"b", 4}, {"t", 4}}),
               boost::test_tools::per_element());
    members.stop("b");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"t", 8}}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_next_spare_serves_alone_when_the_first_cannot, WithSpares)
{
    members.remove_all().add("a").add("s").add("t");
    members.spare("s").spare("t").stop("a").fail("s");
    BOOST_TEST(pick(unbound()).member == "t");
}

BOOST_FIXTURE_TEST_CASE(a_draining_spare_leaves_its_place_to_the_next, WithSpares)
{
    members.stop("a").drain("s");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"b", 4}, {"t", 4}}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_draining_regular_member_calls_a_spare, WithSpares)
{
    members.drain("a");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"b", 4}, {"s", 4}}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_regular_member_that_failed_this_request_calls_a_spare, WithSpares)
{
    BOOST_TEST(picks(unbound().tried("a"), 8) == (Counts{{"b", 4}, {"s", 4}}),
               boost::test_tools::per_element());
    BOOST_TEST(pick(unbound()).member != "s");
}

BOOST_FIXTURE_TEST_CASE(a_bound_client_of_a_spare_stays_when_it_is_no_longer_needed, WithSpares)
{
    BOOST_TEST(pick(bound_to("s")).member == "s");
}

BOOST_FIXTURE_TEST_CASE(a_standby_serves_unbound_clients_only_when_nobody_else_can, ThreeMembers)
{
    members.standby("c");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"a", 4}, {"b", 4}}),
               boost::test_tools::per_element());
    members.fail("a");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"b", 8}}), boost::test_tools::per_element());
    members.drain("b");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"c", 8}}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(spares_come_before_standbys, WithSpares)
{
    members.add("h").standby("h").stop("a").stop("b");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"s", 4}, {"t", 4}}),
               boost::test_tools::per_element());
    members.stop("s").stop("t");
    BOOST_TEST(picks(unbound(), 8) == (Counts{{"h", 8}}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(sets_are_used_in_the_order_of_their_numbers_each_with_its_standbys,
                        Balancer)
{
    members.add("z", {.set = 2}).add("y", {.set = 1}).add("x", {.set = 0}).add("w", {.set = 0});
    members.standby("w");
    for (const auto *name : {"x", "w", "y", "z"}) {
        BOOST_TEST(picks(unbound(), 4) == (Counts{{name, 4}}), boost::test_tools::per_element());
        members.stop(name);
    }
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(a_bound_client_stays_in_a_higher_set, Balancer)
{
    members.add("a", {.set = 0}).add("b", {.set = 1});
    BOOST_TEST(pick(bound_to("b")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_member_of_weight_0_serves_bound_clients_only, Balancer)
{
    members.add("a", {.weight = 0}).add("b").add("c", {.weight = 0});
    members.standby("c");
    BOOST_TEST(picks(unbound(), 4) == (Counts{{"b", 4}}), boost::test_tools::per_element());
    BOOST_TEST(pick(bound_to("a")).member == "a");
    members.stop("b");
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
}

// ---- tried, last resort ----

BOOST_FIXTURE_TEST_CASE(a_member_that_failed_this_request_is_never_asked_again, ThreeMembers)
{
    BOOST_TEST(picks(unbound().tried("b"), 30).count("b") == 0u);
    BOOST_TEST(pick(unbound().tried("b")).cause == Cause::kRedispatch);
    BOOST_TEST(pick(bound_to("b").tried("b")).member != "b");
    BOOST_TEST(pick(bound_to("b").tried("b")).cookie == CookieState::kDown);
    BOOST_TEST(pick(unbound().tried("a").tried("b")).member == "c");
    BOOST_TEST(pick(unbound().tried("a").tried("b").tried("c")).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(when_everybody_has_failed_one_is_tried_all_the_same, ThreeMembers)
{
    members.fail("a").fail("b").stop("c");
    const auto counts = picks(unbound(), 20);
    BOOST_TEST(counts.count("c") == 0u);
    BOOST_TEST(counts.size() == 2u);
    BOOST_TEST(pick(unbound()).marks_retry);
    failover.last_resort = false;
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
    BOOST_TEST(pick(bound_to("a")).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(a_last_resort_is_not_sought_while_anybody_can_serve, ThreeMembers)
{
    members.fail("a").fail("b").drain("c");
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(the_last_resort_of_a_bound_client_is_its_own_member, ThreeMembers)
{
    members.fail("a").fail("b").fail("c");
    for (int i = 0; i < 6; ++i) {
        const auto chosen = pick(bound_to("b"));
        BOOST_TEST(chosen.member == "b");
        BOOST_TEST(chosen.marks_retry);
        BOOST_TEST(!chosen.moves_route);
    }
    BOOST_TEST(pick(bound_to("b").tried("b")).member != "b");
    members.stop("b");
    BOOST_TEST(pick(bound_to("b")).moves_route);
}

BOOST_FIXTURE_TEST_CASE(a_client_whose_last_resort_is_its_own_member_needs_no_new_cookie,
                        ThreeMembers)
{
    members.fail("a").fail("b").fail("c");
    BOOST_TEST(pick(bound_to("b")).member == "b");
    BOOST_TEST(!pick(bound_to("b")).wants_cookie);
}

BOOST_FIXTURE_TEST_CASE(where_failover_is_forbidden_the_last_resort_is_the_own_member_or_none,
                        ThreeMembers)
{
    when_down = selection::WhenDown::kForbid;
    members.fail("a").fail("b").fail("c");
    BOOST_TEST(pick(bound_to("b")).member == "b");
    BOOST_TEST(pick(bound_to("b").tried("b")).status == Status::kFailoverForbidden);
    members.up("a");
    BOOST_TEST(pick(bound_to("b")).status == Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(a_last_resort_that_was_tried_is_not_tried_again, ThreeMembers)
{
    members.fail("a").fail("b").stop("c");
    BOOST_TEST(picks(unbound().tried("a"), 4) == (Counts{{"b", 4}}),
               boost::test_tools::per_element());
    BOOST_TEST(pick(unbound().tried("a").tried("b")).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(a_last_resort_is_sought_set_by_set_and_standbys_last, Balancer)
{
    members.add("z", {.set = 1}).add("h").add("a");
    members.standby("h").fail("z").fail("h").fail("a");
    BOOST_TEST(pick(unbound()).member == "a");
    BOOST_TEST(pick(unbound().tried("a")).member == "h");
    BOOST_TEST(pick(unbound().tried("a").tried("h")).member == "z");
}

// ---- the administrator's word ----

BOOST_FIXTURE_TEST_CASE(a_forced_member_serves_whatever_its_state, ThreeMembers)
{
    const auto always = [this] {
        const auto chosen = pick(forced_to("b").cookie("ROUTEID=.a"));
        return chosen.member == "b" && chosen.cause == Cause::kForced && !chosen.wants_cookie;
    };
    BOOST_TEST(always());
    members.drain("b");
    BOOST_TEST(always());
    members.fail("b");
    BOOST_TEST(always());
    members.stop("b");
    BOOST_TEST(always());
    members.with_state("b", 0);
    BOOST_TEST(always());
}

BOOST_FIXTURE_TEST_CASE(a_forced_member_is_tried_only_once_and_nobody_takes_its_place, ThreeMembers)
{
    BOOST_TEST(pick(forced_to("b").tried("a")).member == "b");
    BOOST_TEST(pick(forced_to("b").tried("b")).status == Status::kFailoverForbidden);
}

BOOST_FIXTURE_TEST_CASE(a_forced_route_that_nobody_has_is_balanced_as_usual, ThreeMembers)
{
    BOOST_TEST(pick(forced_to("gone")).member == "a");
    BOOST_TEST(pick(forced_to("gone")).cause == Cause::kPolicy);
    BOOST_TEST(pick(forced_to("gone").cookie("ROUTEID=.b")).member == "b");
}

BOOST_FIXTURE_TEST_CASE(where_persistence_is_ignored_a_client_is_placed_anew_and_bound_to_nobody,
                        ThreeMembers)
{
    const auto ignored = bound_to("b").path("/;ROUTEID=.b").ignoring_persistence();
    BOOST_TEST(picks(ignored, 6) == (Counts{{"a", 2}, {"b", 2}, {"c", 2}}),
               boost::test_tools::per_element());
    BOOST_TEST(!pick(ignored).wants_cookie);
    BOOST_TEST(pick(ignored).cause == Cause::kPolicy);
    when_down = selection::WhenDown::kForbid;
    members.stop("b");
    BOOST_TEST(pick(ignored).status == Status::kOk);
}

// ---- placed by the host ----

struct PlacedByHost : ThreeMembers {
    PlacedByHost() { places_unbound = false; }
};

BOOST_FIXTURE_TEST_CASE(unbound_requests_are_left_to_the_host_and_bound_ones_are_not, PlacedByHost)
{
    const auto left = pick(unbound());
    BOOST_TEST(left.status == Status::kOk);
    BOOST_TEST(left.member == "");
    BOOST_TEST(left.cause == Cause::kPolicy);
    BOOST_TEST(left.wants_cookie);
    BOOST_TEST(!left.moves_route);
    BOOST_TEST(pick(bound_to("b")).member == "b");
    BOOST_TEST(!pick(bound_to("b")).wants_cookie);
    BOOST_TEST(pick(forced_to("b")).member == "b");
    BOOST_TEST(cursors[0].load() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_redispatched_request_is_left_to_the_host_too, PlacedByHost)
{
    members.stop("b");
    const auto left = pick(bound_to("b"));
    BOOST_TEST(left.member == "");
    BOOST_TEST(left.cause == Cause::kRedispatch);
    BOOST_TEST(left.cookie == CookieState::kDown);
    BOOST_TEST(left.wants_cookie);
    BOOST_TEST(pick(unbound().tried("a")).cause == Cause::kRedispatch);
}

BOOST_FIXTURE_TEST_CASE(the_host_may_not_move_a_client_that_may_not_be_moved, PlacedByHost)
{
    when_down = selection::WhenDown::kForbid;
    members.stop("b");
    BOOST_TEST(pick(bound_to("b")).status == Status::kFailoverForbidden);
    BOOST_TEST(pick(unbound()).member == "");
    members.fail("a").fail("b").up("b").fail("b").fail("c");
    BOOST_TEST(pick(bound_to("b")).member == "b");
}

// ---- cost ----

BOOST_FIXTURE_TEST_CASE(a_thousand_picks_of_every_kind_allocate_nothing, WithSpares)
{
    members.add("h", {.set = 1})
        .add("z", {.set = 2, .redirect = "a"})
        .standby("h")
        .stop("z")
        .fail("b");
    settings.max_age_s = 3600;
    const auto in_force = view();
    const Request kinds[] = {unbound(),
                             bound_to("a"),
                             bound_to("b"),
                             bound_to("z"),
                             bound_to("gone"),
                             forced_to("z"),
                             unbound().path("/x;ROUTEID=.a"),
                             unbound().query("q=1&ROUTEID=.b"),
                             unbound().cookie("x=y, ROUTEID=.gone; ROUTEID=\"s44we8-s44z68.a\""),
                             unbound().tried("a").tried("s")};
    std::vector<selection::PickRequest> requests;
    for (const auto &kind : kinds)
        requests.push_back(kind.view());

    int failed = 0;
    const auto before = allocation_count();
    for (int i = 0; i < 100; ++i)
        for (const auto &request : requests)
            failed += selection::pick(request, in_force, cursors) ? 0 : 1;
    BOOST_TEST(allocation_count() - before == 0u);
    BOOST_TEST(failed == 0);
    const std::string counted(100, 'x');
    BOOST_TEST(allocation_count() - before > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
