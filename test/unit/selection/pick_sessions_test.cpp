// SPDX-License-Identifier: Apache-2.0
//
// Members with as many sessions as they may have: what holds of every policy, and what is said when
// nobody has room.
#include "test/unit/support/placing.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using base::Status;

BOOST_AUTO_TEST_SUITE(pick_sessions_test)

BOOST_DATA_TEST_CASE(a_member_that_is_full_of_sessions_gets_bound_clients_only, kPolicies,
                     policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a", {.max_sessions = 5}).add("b").add("c", {.max_sessions = 7});
    const auto in_force = all.view();
    const auto counts = all.place(in_force, 200);
    BOOST_TEST(counts.at("a") == 5);
    BOOST_TEST(counts.at("c") == 7);
    BOOST_TEST(counts.at("b") == 188);
    BOOST_TEST(all.pick_by(in_force, bound_to("a")) == "a");
    BOOST_TEST((all.begin(in_force, "a", false) == selection::SessionCount::kNone));
    // Bound clients are no new sessions, and the end of an attempt is not that of its session.
    for (int i = 0; i < 5; ++i)
        all.end(in_force, "a", {{1000}, true, true});
    in_force.refresh({kNow_s * kSecond});
    BOOST_TEST(Placing::letters_of(all.place(in_force, 60)) == "b");
}

BOOST_DATA_TEST_CASE(a_full_member_gets_new_clients_as_its_sessions_fade, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a", {.max_sessions = 10}).add("b");
    const auto in_force = all.view();
    all.place(in_force, 100);
    BOOST_TEST(Placing::letters_of(all.place(in_force, 20)) == "b");
    // Half of them after 20.8 minutes: room for five.
    in_force.refresh({kNow_s * kSecond + 1'248 * kSecond});
    BOOST_TEST(all.place(in_force, 100).at("a") == 5);
}

BOOST_DATA_TEST_CASE(a_client_that_its_member_did_not_answer_is_none_of_its_sessions, kPolicies,
                     policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a", {.max_sessions = 1}).add("b");
    const auto in_force = all.view();
    all.place(in_force, 20);
    BOOST_TEST(Placing::letters_of(all.place(in_force, 20)) == "b");
    all.end(in_force, "a", {{1000}, false, true});
    in_force.refresh({kNow_s * kSecond});
    BOOST_TEST(all.place(in_force, 200).at("a") == 1);
}

BOOST_DATA_TEST_CASE(who_is_full_is_replaced_by_spares_then_standbys_then_the_next_set, kPolicies,
                     policy_name)
{
    Placing all(policy_name);
    const Plan one{.max_sessions = 1}, later{.set = 1, .max_sessions = 1};
    all.members.remove_all().add("a", one).add("r", one).add("s", one).add("z", later);
    all.members.spare("r").standby("s");
    const auto in_force = all.view();
    for (const auto *name : {"a", "r", "s", "z", ""}) {
        const auto seen = all.pick_by(in_force, unbound().hashed_by(77));
        BOOST_TEST_REQUIRE(seen == name);
        if (!seen.empty())
            all.begin(in_force, seen);
    }
    for (const auto *name : {"a", "r", "s", "z"})
        BOOST_TEST(all.pick_by(in_force, bound_to(name)) == name);
}

// The policy was asked before others took the last place.
BOOST_DATA_TEST_CASE(who_comes_too_late_for_the_last_session_is_told_so, kPolicies, policy_name)
{
    Placing all(policy_name);
    all.members.remove_all().add("a", {.max_sessions = 1});
    const auto in_force = all.view();
    BOOST_TEST(all.pick_by(in_force) == "a");
    BOOST_TEST(all.pick_by(in_force) == "a");
    BOOST_TEST((all.begin(in_force, "a") == selection::SessionCount::kCounted));
    BOOST_TEST((all.begin(in_force, "a") == selection::SessionCount::kNoRoom));
    BOOST_TEST((all.begin(in_force, "a", false) == selection::SessionCount::kNone));
    BOOST_TEST(all.members.load("a").sessions.load() == balance::kSession);
}

BOOST_FIXTURE_TEST_CASE(that_others_are_full_makes_nobody_try_a_failed_member, ThreeMembers)
{
    members.remove_all().add("a", {.max_sessions = 1}).add("b", {.max_sessions = 1});
    members.load("a").sessions.store(balance::kSession);
    members.fail("b");
    BOOST_TEST(pick(unbound()).status == Status::kSessionsFull);
    BOOST_TEST(pick(bound_to("b")).status == Status::kSessionsFull);
    BOOST_TEST(pick(bound_to("a")).member == "a");
    members.fail("a");  // and a full one is no last resort, but of its own clients
    BOOST_TEST(pick(unbound()).member == "b");
    BOOST_TEST(pick(bound_to("a")).member == "a");
    members.load("b").sessions.store(balance::kSession);
    BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(a_full_member_that_cannot_serve_is_not_what_is_in_the_way, ThreeMembers)
{
    members.remove_all().add("a", {.max_sessions = 1}).add("w", {.weight = 0, .max_sessions = 1});
    members.load("a").sessions.store(balance::kSession);
    members.load("w").sessions.store(balance::kSession);
    for (const auto state : {kUp | kStoppedBit, kUp | kBits.drain}) {
        members.with_state("a", state);
        BOOST_TEST(pick(unbound()).status == Status::kNoUsableMember);
    }
    members.up("a");
    BOOST_TEST(pick(unbound()).status == Status::kSessionsFull);
    BOOST_TEST(pick(unbound().tried("a")).status == Status::kNoUsableMember);
}

BOOST_FIXTURE_TEST_CASE(clients_of_a_standby_do_not_go_home_to_a_full_member, ThreeMembers)
{
    members.remove_all().add("a", {.max_sessions = 1});
    members.add("s", {.failback = members::Failback::kImmediate});
    members.standby("s");
    BOOST_TEST(pick(bound_to("s")).member == "a");
    members.load("a").sessions.store(balance::kSession);
    BOOST_TEST(pick(bound_to("s")).member == "s");
}

BOOST_AUTO_TEST_SUITE_END()
