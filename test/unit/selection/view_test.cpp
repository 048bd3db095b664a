// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/selection/view.hpp"
#include "test/unit/support/balancer.hpp"

using namespace stickybalancer;
using selection::View;
using test::kNow_s;

namespace {

std::string names(const View &view, const std::vector<members::MemberIndex> &indices)
{
    std::string all;
    for (const auto index : indices)
        all += test::name_of(view.members[index].handle) + " ";
    return all;
}

constexpr base::TimeUs kNow{test::kNow_s * test::kSecond};

// As a decision asks it that was refused nobody yet.
members::MemberIndex propose(const selection::Choice &choice, balance::Cursor *cursors)
{
    const balance::Question question{cursors[choice.cursor_index()], 0, {0}, {}};
    return choice.all()[choice.policy().propose(question)];
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(view_test, test::Balancer)

BOOST_AUTO_TEST_CASE(
    sets_stand_in_the_order_of_their_numbers_and_members_in_the_order_of_the_configuration)
{
    members.add("a", {.set = 7}).add("b", {.set = 0}).add("c", {.set = 7}).add("d", {.set = 3});
    const auto made = view();
    BOOST_TEST_REQUIRE(made.sets.size() == 3u);
    BOOST_TEST(names(made, made.sets[0].serving.all()) == "b ");
    BOOST_TEST(names(made, made.sets[1].serving.all()) == "d ");
    BOOST_TEST(names(made, made.sets[2].serving.all()) == "a c ");
}

BOOST_AUTO_TEST_CASE(standbys_are_kept_apart_and_spares_are_among_those_who_serve)
{
    members.add("a").add("b").add("c").add("d");
    members.standby("b").spare("c");
    const auto made = view();
    BOOST_TEST_REQUIRE(made.sets.size() == 1u);
    BOOST_TEST(names(made, made.sets[0].serving.all()) == "a c d ");
    BOOST_TEST(names(made, made.sets[0].standby.all()) == "b ");
    BOOST_TEST(names(made, made.sets[0].regular) == "a d ");
    BOOST_TEST(names(made, made.sets[0].spares) == "c ");
}

BOOST_AUTO_TEST_CASE(a_standby_is_no_spare_even_when_it_is_marked_as_both)
{
    members.add("a").add("b");
    members.standby("b").spare("b");
    const auto made = view();
    BOOST_TEST(names(made, made.sets[0].standby.all()) == "b ");
    BOOST_TEST(made.sets[0].spares.empty());
}

BOOST_AUTO_TEST_CASE(members_of_weight_0_are_not_offered_to_unbound_requests)
{
    members.add("a", {.weight = 0}).add("b").add("c", {.weight = 0});
    members.standby("c");
    const auto made = view();
    BOOST_TEST(names(made, made.sets[0].serving.all()) == "b ");
    BOOST_TEST(made.sets[0].standby.empty());
    BOOST_TEST(names(made, made.sets[0].regular) == "a b ");
}

BOOST_AUTO_TEST_CASE(members_that_take_no_new_client_are_not_counted_among_those_that_do)
{
    members.add("up").add("stopped").add("drained").add("failed").add("due");
    members.add("bound", {.weight = 0}).add("full", {.max_sessions = 1});
    members.stop("stopped").drain("drained").fail("failed").fail("due", kNow_s - 61, 60);
    const auto made = view();
    BOOST_TEST(made.accepts_unbound_at(0, kNow));
    BOOST_TEST(made.accepts_unbound_at(3, kNow));  // up, due, and full, which is not yet
    BOOST_TEST(!made.accepts_unbound_at(4, kNow));
    begin(made, "full");
    BOOST_TEST(made.accepts_unbound_at(2, kNow));
    BOOST_TEST(!made.accepts_unbound_at(3, kNow));
    members.up("drained");
    BOOST_TEST(made.accepts_unbound_at(3, kNow));
    BOOST_TEST(!made.accepts_unbound_at(4, kNow));
}

BOOST_AUTO_TEST_CASE(standbys_spares_and_later_sets_are_counted_among_those_that_take_new_clients)
{
    members.add("a").add("b").add("c").add("d", {.set = 1});
    members.standby("b").spare("c").stop("a");
    BOOST_TEST(view().accepts_unbound_at(3, kNow));
    BOOST_TEST(!view().accepts_unbound_at(4, kNow));
}

BOOST_AUTO_TEST_CASE(a_choice_proposes_its_members_by_weight)
{
    members.add("z", {.weight = 0}).add("a", {.weight = 2}).add("b", {.weight = 1});
    const auto made = view();
    std::string turns;
    for (int i = 0; i < 6; ++i)
        turns += names(made, {propose(made.sets[0].serving, cursors)});
    BOOST_TEST(turns == "a b a a b a ");
}

BOOST_AUTO_TEST_CASE(choices_have_cursors_of_their_own_as_long_as_there_are_enough)
{
    members.add("a", {.set = 0})
        .add("b", {.set = 0})
        .add("s", {.set = 0})
        .add("c", {.set = 1})
        .add("d", {.set = 1});
    members.standby("s");
    const auto made = view();
    propose(made.sets[0].serving, cursors);
    propose(made.sets[0].standby, cursors);
    propose(made.sets[1].serving, cursors);
    BOOST_TEST(cursors[0].load() == 1u);
    BOOST_TEST(cursors[1].load() == 1u);
    BOOST_TEST(cursors[2].load() == 1u);
}

BOOST_AUTO_TEST_CASE(more_sets_than_cursors_share_them_and_write_no_others)
{
    for (std::uint32_t i = 0; i < 20; ++i)
        members.add("m" + std::to_string(i), {.set = i});
    balance::Cursor two[3]{};
    const View made(settings, failover, members.table(),
                    {.policy = balance::find_policy("roundrobin"), .cursor_count = 2});
    for (const auto &set : made.sets)
        propose(set.serving, two);
    BOOST_TEST(two[0].load() + two[1].load() == 20u);
    BOOST_TEST(two[2].load() == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_policy_somebody_else_places_unbound_requests)
{
    members.add("a");
    BOOST_TEST(view().places_unbound);
    places_unbound = false;
    BOOST_TEST(!view().places_unbound);
    BOOST_TEST(view().sets.empty());
    BOOST_TEST(view().members.all().size() == 1u);
}

BOOST_AUTO_TEST_CASE(choices_stand_in_the_tree_by_rank)
{
    policy = "leastconn";
    members.add("a", {.set = 1}).add("b").add("c");
    members.standby("c");
    const auto made = view();
    BOOST_TEST(balance::rank_of(tree.tree().key(1)) == 0);
    BOOST_TEST(balance::rank_of(tree.tree().key(2)) == 1);
    BOOST_TEST(balance::rank_of(tree.tree().key(0)) == 2);
}

BOOST_AUTO_TEST_CASE(refresh_sets_aside_who_cannot_serve_and_brings_back_who_can)
{
    policy = "leastconn";
    members.add("a").add("b").add("c").add("s");
    members.spare("s");
    const auto made = view();
    const auto serving = [&] {
        std::string all;
        for (balance::Leaf leaf = 0; leaf < 4; ++leaf)
            all += tree.tree().key(leaf) == balance::kNever ? '-' : "abcs"[leaf];
        return all;
    };
    BOOST_TEST(serving() == "abc-");
    members.stop("a").drain("b");
    made.refresh({test::kNow_s * test::kSecond});
    BOOST_TEST(serving() == "--cs");
    members.up("a").up("b").fail("c");
    made.refresh({test::kNow_s * test::kSecond});
    BOOST_TEST(serving() == "ab-s");
    made.refresh({(test::kNow_s + 61) * test::kSecond});  // its retry is due
    BOOST_TEST(serving() == "abc-");
}

BOOST_AUTO_TEST_CASE(refresh_makes_a_right_tree_of_anything_and_clears_leaves_that_nobody_has)
{
    for (const auto *name : {"leastconn", "leastsessions", "leasttime", "hash"}) {
        policy = name;
        members.remove_all().add("a").add("b", {.weight = 0});
        const auto made = view();
        for (auto *word : tree.words())
            word->store(0);
        made.refresh({test::kNow_s * test::kSecond});
        BOOST_TEST(tree.tree().key(0) != balance::kNever);
        for (balance::Leaf leaf = 1; leaf < tree.tree().capacity(); ++leaf)
            BOOST_TEST_REQUIRE(tree.tree().key(leaf) == balance::kNever);
        BOOST_TEST(tree.tree().lowest(0, 7) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(attempts_of_bound_clients_and_of_members_that_no_policy_chooses_are_counted)
{
    policy = "leastconn";
    members.add("a").add("b").add("c", {.weight = 0});
    const auto made = view();
    begin(made, "a", false);
    begin(made, "c", false);
    BOOST_TEST(pick_by(made) == "b");
    BOOST_TEST(pick_by(made) == "b");
    end(made, "a");
    end(made, "c");
    BOOST_TEST(pick_by(made) == "a");
    BOOST_TEST(tree.tree().key(2) == balance::kNever);
}

BOOST_AUTO_TEST_CASE(sessions_are_counted_where_a_limit_needs_them_and_nowhere_else)
{
    members.add("a", {.max_sessions = 3}).add("b").add("w", {.weight = 0, .max_sessions = 3});
    for (const bool has_policy : {true, false}) {
        places_unbound = has_policy;
        const auto made = view();
        for (const auto *name : {"a", "b", "w"}) {
            members.load(name).sessions.store(0);
            begin(made, name, true);
            begin(made, name, false);
        }
        BOOST_TEST(members.load("a").sessions.load() == balance::kSession);
        BOOST_TEST(members.load("b").sessions.load() == 0u);
        BOOST_TEST(members.load("w").sessions.load() == balance::kSession);
        made.refresh({(test::kNow_s + 1800) * test::kSecond});
        BOOST_TEST(members.load("a").sessions.load() < balance::kSession);
        made.refresh({test::kNow_s * test::kSecond});
    }
}

BOOST_AUTO_TEST_CASE(sessions_are_counted_where_a_policy_places_them)
{
    policy = "leastsessions";
    members.add("a").add("b");
    const auto made = view();
    begin(made, "a", true);
    begin(made, "a", false);
    BOOST_TEST(members.load("a").sessions.load() > 0u);
    end(made, "a");
    end(made, "a");
    BOOST_TEST(pick_by(made) == "b");
    BOOST_TEST(pick_by(made) == "b");
}

// Who fails leaves an average of a second and more behind, beside which nobody would be tried again for
// a minute.
BOOST_AUTO_TEST_CASE(a_member_that_was_out_of_use_is_not_held_to_what_it_was_before)
{
    policy = "leasttime";
    members.add("a").add("b");
    const auto made = view();
    const auto refresh = [&] { made.refresh({test::kNow_s * test::kSecond}); };
    for (const auto *name : {"a", "b"}) {
        begin(made, name);
        end(made, name, {{1000}});
    }
    begin(made, "a");
    members.fail("a");
    end(made, "a", {{20 * test::kSecond}, false});
    BOOST_TEST(pick_by(made) == "b");
    refresh();
    members.fail("a", test::kNow_s - 61, 60);  // its retry is due
    refresh();
    BOOST_TEST(pick_by(made) == "a");
}

BOOST_AUTO_TEST_CASE(a_drained_member_is_as_slow_as_before_when_it_is_ready_again)
{
    policy = "leasttime";
    members.add("a").add("b");
    const auto made = view();
    const auto refresh = [&] { made.refresh({test::kNow_s * test::kSecond}); };
    for (const auto *name : {"a", "b"}) {
        begin(made, name);
        end(made, name, {{*name == 'a' ? 2000 : 1000}});
    }
    members.drain("a");
    refresh();
    members.up("a");
    refresh();
    BOOST_TEST(pick_by(made) == "b");
}

BOOST_AUTO_TEST_CASE(members_of_one_route_are_hashed_apart_and_the_same_everywhere)
{
    policy = "hash";
    members.add("a").add("a2", {.route = "a"}).add("b", {.route = ""});
    std::string first, again;
    const auto one = view(), other = view();
    for (std::uint64_t key = 1; key < 200; ++key) {
        first += pick_by(one, test::unbound().hashed_by(key)) + " ";
        again += pick_by(other, test::unbound().hashed_by(key)) + " ";
    }
    BOOST_TEST(first == again);
    for (const auto *name : {"a ", "a2 ", "b "})
        BOOST_TEST(first.find(name) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_balancer_without_members_has_no_sets)
{
    BOOST_TEST(view().sets.empty());
    BOOST_TEST(view().places_unbound);
}

BOOST_AUTO_TEST_SUITE_END()
