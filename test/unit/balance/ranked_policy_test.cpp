// SPDX-License-Identifier: Apache-2.0
//
// What the policies that take the lowest load have in common, tried with leastconn.
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <thread>

#include "core/balance/ranked_policy.hpp"
#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;
using balance::per_weight;
using test::Choosing;
using test::Weights;

BOOST_AUTO_TEST_SUITE(ranked_policy_test)

BOOST_AUTO_TEST_CASE(quotients_are_compared_as_fractions_and_never_overflow)
{
    for (std::uint32_t v = 25'500; v <= 25'600; ++v)
        for (std::uint32_t w = 25'500; w <= 25'600; ++w)
            for (const std::uint64_t a : {1ULL, 25'599ULL, 51'199ULL}) {
                const auto b = a * w / v;  // next to a / v = b / w
                BOOST_TEST_REQUIRE((per_weight(a, 30, v) < per_weight(b, 30, w)) ==
                                   (a * w < b * v));
                BOOST_TEST_REQUIRE((per_weight(a, 30, v) == per_weight(b, 30, w)) ==
                                   (a * w == b * v));
            }
    BOOST_TEST(per_weight(~std::uint64_t{0}, 30, 1) >= per_weight(1'000'000, 30, 1));
}

BOOST_AUTO_TEST_CASE(turns_go_on_in_another_process_where_the_first_left_them)
{
    Choosing choosing("leastconn", Weights(5, 100));
    BOOST_TEST(choosing.proposals(3) == "abc");
    choosing.make("leastconn");
    BOOST_TEST(choosing.proposals(4) == "deab");
}

BOOST_AUTO_TEST_CASE(any_cursor_is_good)
{
    Choosing choosing("leastconn", Weights(3, 100));
    choosing.cursor.store(~std::uint64_t{0});
    BOOST_TEST(choosing.propose() < 3u);
    BOOST_TEST(choosing.cursor.load() <= 3u);
}

BOOST_AUTO_TEST_CASE(the_cursor_is_written_only_where_it_moves)
{
    Choosing choosing("leastconn", {100, 1});
    choosing.propose();
    const auto before = choosing.cursor.load();
    BOOST_TEST(choosing.proposals(10) == "aaaaaaaaaa");
    BOOST_TEST(choosing.cursor.load() == before);
}

BOOST_AUTO_TEST_CASE(two_who_never_stop_each_take_turns_evenly)
{
    Choosing choosing("leastconn", Weights(10, 100));
    std::vector<std::uint32_t> counts(10), others(10);
    std::thread other([&] {
        for (int i = 0; i < 20'000; ++i)
            ++others[choosing.propose()];
    });
    for (int i = 0; i < 20'000; ++i)
        ++counts[choosing.propose()];
    other.join();
    for (std::size_t i = 0; i < 10; ++i)
        BOOST_TEST(std::abs(static_cast<int>(counts[i] + others[i]) - 4000) <= 400);
}

BOOST_AUTO_TEST_CASE(a_leaf_that_somebody_else_has_is_nobody)
{
    Choosing choosing("leastconn", {1, 1}, 0, 100);
    choosing.setup.tree.set(77, balance::key_of(0, 0));
    BOOST_TEST(choosing.propose() == balance::kNobody);
    choosing.setup.tree.set(77, balance::kNever);
    BOOST_TEST(choosing.propose() < 2u);
}

BOOST_AUTO_TEST_CASE(a_leaf_that_the_tree_does_not_have_is_refused_when_the_policy_is_made)
{
    Choosing choosing("leastconn", {1, 1});
    choosing.setup.candidates[1].leaf = 2;
    BOOST_CHECK_THROW(choosing.make("leastconn"), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(sets_of_one_tree_are_asked_by_rank)
{
    Choosing choosing("leastconn", {1, 1}, 0, 4);
    auto second = choosing.setup;
    second.rank = 1;
    second.candidates[0].leaf = 2;
    second.candidates[1].leaf = 3;
    const auto higher = balance::find_policy("leastconn")->make(second);
    for (balance::Place place = 0; place < 2; ++place)
        higher->update(place, true, choosing.now);
    const auto ask = [&](std::span<const balance::Leaf> refused) {
        return higher->propose({choosing.cursor, 0, choosing.now, refused});
    };
    BOOST_TEST(ask({}) == balance::kNobody);  // the lower rank comes first
    const balance::Leaf refused[] = {0, 1, 3};
    BOOST_TEST(ask(refused) == 0u);
    choosing.policy->update(0, false, choosing.now);
    choosing.policy->update(1, false, choosing.now);
    BOOST_TEST(ask({}) < 2u);
    BOOST_TEST(choosing.propose() == balance::kNobody);
}

BOOST_AUTO_TEST_SUITE_END()
