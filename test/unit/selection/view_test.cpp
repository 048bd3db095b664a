// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/selection/view.hpp"
#include "test/unit/support/balancer.hpp"

using namespace stickybalancer;
using selection::View;

namespace {

std::string names(const View &view, const std::vector<members::MemberIndex> &indices)
{
    std::string all;
    for (const auto index : indices)
        all += test::name_of(view.members[index].handle) + " ";
    return all;
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

BOOST_AUTO_TEST_CASE(a_choice_proposes_its_members_by_weight)
{
    members.add("z", {.weight = 0}).add("a", {.weight = 2}).add("b", {.weight = 1});
    const auto made = view();
    std::string turns;
    for (int i = 0; i < 6; ++i)
        turns += names(made, {made.sets[0].serving.propose(cursors)});
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
    made.sets[0].serving.propose(cursors);
    made.sets[0].standby.propose(cursors);
    made.sets[1].serving.propose(cursors);
    BOOST_TEST(cursors[0].load() == 1u);
    BOOST_TEST(cursors[1].load() == 1u);
    BOOST_TEST(cursors[2].load() == 1u);
}

BOOST_AUTO_TEST_CASE(more_sets_than_cursors_share_them_and_write_no_others)
{
    for (std::uint32_t i = 0; i < 20; ++i)
        members.add("m" + std::to_string(i), {.set = i});
    balance::Cursor two[3]{};
    const View made(settings, failover, members.table(), balance::find_policy("roundrobin"), 2);
    for (const auto &set : made.sets)
        set.serving.propose(two);
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

BOOST_AUTO_TEST_CASE(a_balancer_without_members_has_no_sets)
{
    BOOST_TEST(view().sets.empty());
    BOOST_TEST(view().places_unbound);
}

BOOST_AUTO_TEST_SUITE_END()
