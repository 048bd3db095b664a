// SPDX-License-Identifier: Apache-2.0
//
// What holds of every policy: who is asked, and who never is. Each case runs for each name of the
// register.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/placing.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using selection::Cause;

BOOST_AUTO_TEST_SUITE(pick_policies_test)

BOOST_DATA_TEST_CASE(everybody_who_is_up_gets_unbound_clients, kPolicies, policy_name)
{
    Placing all(policy_name);
    BOOST_TEST(all.takers() == "abc");
}

BOOST_DATA_TEST_CASE(placed_clients_are_near_the_weights, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a", {.weight = 100}).add("b", {.weight = 200});
    all.members.add("c", {.weight = 300});
    const auto counts = all.place(3000);
    BOOST_TEST(std::abs(counts.at("a") - 500) < 75);
    BOOST_TEST(std::abs(counts.at("b") - 1000) < 120);
    BOOST_TEST(std::abs(counts.at("c") - 1500) < 150);
}

BOOST_DATA_TEST_CASE(a_member_that_stops_is_left_out_at_once_and_comes_back_by_refresh, kPolicies,
                     policy_name)
{
    Placing all(policy_name);
    const auto in_force = all.view();
    all.members.stop("b");
    BOOST_TEST(Placing::letters_of(all.place(in_force, 60)) == "ac");
    all.members.up("b");
    in_force.refresh({kNow_s * kSecond});
    BOOST_TEST(all.place(in_force, 60).count("b") == 1u);
}

BOOST_DATA_TEST_CASE(a_draining_member_gets_bound_clients_only, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.drain("b");
    BOOST_TEST(all.takers() == "ac");
    BOOST_TEST(all.pick(bound_to("b")).member == "b");
}

BOOST_DATA_TEST_CASE(a_member_of_weight_0_gets_bound_clients_only, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a", {.weight = 0}).add("b").add("c", {.weight = 0});
    all.members.standby("c");
    BOOST_TEST(all.takers() == "b");
    BOOST_TEST(all.pick(bound_to("a")).member == "a");
    const auto in_force = all.view();
    all.begin(in_force, "a", false);
    all.end(in_force, "a");
    all.members.stop("b");
    BOOST_TEST(all.takers() == "-");
}

BOOST_DATA_TEST_CASE(a_failed_member_is_left_alone_until_its_retry_is_due, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.fail("b", kNow_s - 1, 60);
    BOOST_TEST(all.takers() == "ac");
    all.members.fail("b", kNow_s - 61, 60);
    BOOST_TEST(all.takers() == "abc");
}

BOOST_DATA_TEST_CASE(a_member_that_failed_this_request_is_not_asked_again_and_not_set_aside,
                     kPolicies, policy_name)
{
    Placing all(policy_name);
    const auto in_force = all.view();
    BOOST_TEST(Placing::letters_of(all.place(in_force, 60, unbound().tried("b"))) == "ac");
    BOOST_TEST(all.place(in_force, 90).count("b") == 1u);
    BOOST_TEST(all.takers(20, unbound().tried("a").tried("c")) == "b");
    BOOST_TEST(all.takers(3, unbound().tried("a").tried("b").tried("c")) == "-");
}

BOOST_DATA_TEST_CASE(a_standby_serves_when_nobody_else_of_its_set_can, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.standby("c");
    const auto in_force = all.view();
    BOOST_TEST(Placing::letters_of(all.place(in_force, 60)) == "ab");
    all.members.fail("a").drain("b");
    BOOST_TEST(Placing::letters_of(all.place(in_force, 10)) == "c");
    all.members.up("a");
    in_force.refresh({kNow_s * kSecond});
    BOOST_TEST(Placing::letters_of(all.place(in_force, 10)) == "a");
    BOOST_TEST(Placing::letters_of(all.place(in_force, 10, unbound().tried("a"))) == "c");
}

BOOST_DATA_TEST_CASE(sets_are_used_in_order_each_with_its_standbys, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("z", {.set = 2}).add("y", {.set = 1}).add("x").add("w");
    all.members.standby("w");
    const auto in_force = all.view();
    for (const auto *name : {"x", "w", "y", "z"}) {
        BOOST_TEST(Placing::letters_of(all.place(in_force, 4)) == name);
        all.members.stop(name);
    }
    BOOST_TEST(Placing::letters_of(all.place(in_force, 4)) == "-");
}

BOOST_DATA_TEST_CASE(what_this_request_tried_of_lower_sets_hides_no_higher_one, kPolicies,
                     policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a").add("b").add("c", {.set = 1}).add("d", {.set = 1});
    BOOST_TEST(all.takers(20, unbound().tried("a").tried("b")) == "cd");
}

BOOST_DATA_TEST_CASE(as_many_spares_serve_as_regular_members_cannot, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a").add("b").add("s").add("t");
    all.members.spare("s").spare("t");
    const auto in_force = all.view();
    BOOST_TEST(Placing::letters_of(all.place(in_force, 60)) == "ab");
    all.members.stop("a");
    BOOST_TEST(Placing::letters_of(all.place(in_force, 60)) == "bs");
    all.members.stop("b");
    BOOST_TEST(Placing::letters_of(all.place(in_force, 90)) == "st");
    all.members.up("a").up("b");
    in_force.refresh({kNow_s * kSecond});
    BOOST_TEST(Placing::letters_of(all.place(in_force, 60)) == "ab");
}

BOOST_DATA_TEST_CASE(a_regular_member_that_failed_this_request_calls_a_spare_when_nobody_else_can,
                     kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a").add("s").add("z", {.set = 1});
    all.members.spare("s");
    BOOST_TEST(all.takers(10, unbound().tried("a")) == "s");
    BOOST_TEST(all.takers(10) == "a");
}

BOOST_DATA_TEST_CASE(who_came_back_is_found_before_a_request_is_turned_away, kPolicies, policy_name)
{
    Placing all(policy_name);
    const auto in_force = all.view();
    all.members.stop("a").stop("b").stop("c");
    BOOST_TEST(Placing::letters_of(all.place(in_force, 3)) == "-");
    all.members.up("c");
    BOOST_TEST(Placing::letters_of(all.place(in_force, 3)) == "c");
}

BOOST_DATA_TEST_CASE(the_last_of_many_is_found, kPolicies, policy_name)
{
    Placing all(policy_name);
    for (int i = 0; i < 500; ++i) {
        all.members.add("m" + std::to_string(i),
                        {.weight = static_cast<std::uint32_t>(1 + i % 50)});
    }
    const auto in_force = all.view();
    all.members.stop("a").stop("b").stop("c");
    for (int i = 0; i < 500; ++i)
        if (i != 333)
            all.members.stop("m" + std::to_string(i));
    BOOST_TEST(Placing::letters_of(all.place(in_force, 100)) == "m333");
}

BOOST_DATA_TEST_CASE(a_bound_client_is_served_by_its_member_and_takes_no_turn, kPolicies,
                     policy_name)
{
    Placing all(policy_name);
    const auto in_force = all.view();
    const auto before = all.cursors[0].load();
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(all.pick_by(in_force, bound_to("b")) == "b");
    BOOST_TEST(all.cursors[0].load() == before);
}

BOOST_DATA_TEST_CASE(a_starting_member_gets_less_and_never_nothing, kPolicies, policy_name)
{
    if (policy_name == "hash")
        return;  // a client's member may not depend on the time
    Placing all(policy_name);
    all.members.remove_all().add("a", {.weight = 100, .slow_start_s = 100});
    all.members.add("b", {.weight = 100});
    all.members.start("a", kNow_s - 25);
    const auto counts = all.place(2000);
    BOOST_TEST(counts.at("a") < 800);
    BOOST_TEST(counts.at("a") > 100);
    all.members.stop("b");
    BOOST_TEST(all.takers(20) == "a");
}

BOOST_DATA_TEST_CASE(a_thousand_picks_and_attempts_allocate_nothing, kPolicies, policy_name)
{
    Placing all(policy_name);
    for (int i = 0; i < 200; ++i)
        all.members.add("m" + std::to_string(i), {.weight = 100});
    all.members.stop("m0").fail("m1").drain("m2");
    const auto in_force = all.view();
    const auto fresh = unbound().tried("m3").hashed_by(77);
    const auto request = fresh.view();
    int failed = 0;
    const auto before = allocation_count();
    for (int i = 0; i < 1000; ++i) {
        const auto chosen = selection::pick(request, in_force, all.cursors);
        failed += chosen ? 0 : 1;
        in_force.members[chosen->member].load->active.fetch_add(1);
        in_force.begun(chosen->member, true, request.now);
        in_force.members[chosen->member].load->active.fetch_add(~0U);
        in_force.ended(chosen->member, {{1000}, i % 2 == 0}, request.now);
    }
    in_force.refresh(request.now);
    BOOST_TEST(allocation_count() - before == 0u);
    BOOST_TEST(failed == 0);
}

BOOST_AUTO_TEST_SUITE_END()
