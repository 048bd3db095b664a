// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "core/balance/consistent_hash.hpp"
#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;
using balance::ConsistentHash;
using balance::kNobody;
using balance::Leaf;
using balance::Place;
using test::Choosing;
using test::Weights;

namespace {

constexpr int kClients = 20'000;

std::uint64_t key_of(int client)
{
    return 1 + static_cast<std::uint64_t>(client) * 0x1234'5678'9ABC'DEF1;
}

// The identity of each client's member.
std::vector<std::uint64_t> members_of_clients(Choosing &choosing, std::span<const Leaf> down = {})
{
    std::vector<std::uint64_t> members;
    for (int i = 0; i < kClients; ++i)
        members.push_back(choosing.setup.candidates[choosing.propose(key_of(i), down)].identity);
    return members;
}

std::vector<std::uint32_t> slot_counts(const Choosing &choosing)
{
    std::vector<std::uint32_t> counts(choosing.setup.candidates.size());
    const ConsistentHash policy(choosing.setup);
    for (const auto place : policy.slots())
        ++counts[place];
    return counts;
}

const std::vector<std::uint32_t> kCounts{2, 3, 10, 100, 655};

}  // namespace

BOOST_AUTO_TEST_SUITE(consistent_hash_test)

BOOST_DATA_TEST_CASE(equal_weights_have_slots_that_differ_by_one_at_most, kCounts, count)
{
    const auto slots = slot_counts(Choosing("hash", Weights(count, 100)));
    const auto [least, most] = std::minmax_element(slots.begin(), slots.end());
    BOOST_TEST(*most - *least <= 1u);
    BOOST_TEST(std::accumulate(slots.begin(), slots.end(), 0U) == 65'537u);
}

BOOST_AUTO_TEST_CASE(slots_are_by_weight_to_the_slot)
{
    const Weights weights{1, 100, 250, 25'600, 3'000};
    const auto slots = slot_counts(Choosing("hash", weights));
    for (std::size_t i = 0; i < weights.size(); ++i)
        BOOST_TEST(std::abs(slots[i] - 65'537.0 * weights[i] / 28'951) <= 1.0);
}

BOOST_AUTO_TEST_CASE(nobody_is_left_without_a_slot)
{
    Weights weights(5000, 25'600);
    weights[7] = weights[4999] = 1;
    const auto slots = slot_counts(Choosing("hash", weights));
    BOOST_TEST(*std::min_element(slots.begin(), slots.end()) == 1u);
    BOOST_TEST(std::accumulate(slots.begin(), slots.end(), 0U) == 524'287u);
}

BOOST_AUTO_TEST_CASE(a_client_has_the_same_member_in_every_process_and_any_order)
{
    Choosing one("hash", {100, 200, 300}), other("hash", {300, 100, 200});
    other.setup.candidates[0].identity = 1002;
    other.setup.candidates[1].identity = 1000;
    other.setup.candidates[2].identity = 1001;
    other.make("hash");
    BOOST_TEST(members_of_clients(one) == members_of_clients(other));
    BOOST_TEST(members_of_clients(one) == members_of_clients(one));
    BOOST_TEST(one.cursor.load() == 0u);
}

BOOST_DATA_TEST_CASE(one_of_n_that_leaves_moves_its_clients_and_few_others, kCounts, count)
{
    Choosing before("hash", Weights(count, 100), 0, 655),
        after("hash", Weights(count, 100), 0, 655);
    after.setup.candidates.erase(after.setup.candidates.begin() + count / 2);
    after.make("hash");
    const auto was = members_of_clients(before), is = members_of_clients(after);
    int moved = 0;
    for (int i = 0; i < kClients; ++i)
        moved += was[static_cast<std::size_t>(i)] != is[static_cast<std::size_t>(i)];
    BOOST_TEST(moved <= kClients / static_cast<int>(count) + kClients / 10);
}

BOOST_DATA_TEST_CASE(one_that_is_down_moves_its_own_clients_to_all_others_by_weight, kCounts, count)
{
    Choosing choosing("hash", Weights(count, 100));
    const auto before = members_of_clients(choosing);
    const Leaf down[] = {count / 2};
    const auto after = members_of_clients(choosing, down);
    std::vector<int> gained(count);
    int moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        BOOST_TEST_REQUIRE((before[i] == after[i] || before[i] == 1000 + down[0]));
        if (before[i] != after[i]) {
            ++moved;
            ++gained[after[i] - 1000];
        }
    }
    BOOST_TEST(gained[down[0]] == 0);
    const double each = moved / (count - 1.0);
    for (Place place = 0; place < count; ++place)
        if (place != down[0])
            BOOST_TEST(std::abs(gained[place] - each) <= 6 * std::sqrt(each) + 1);
}

BOOST_AUTO_TEST_CASE(clients_are_spread_by_weight)
{
    Choosing choosing("hash", {100, 200, 300, 400});
    std::vector<double> counts(4);
    for (const auto identity : members_of_clients(choosing))
        ++counts[identity - 1000];
    for (std::size_t i = 0; i < 4; ++i) {
        const auto share = static_cast<double>(i + 1) / 10;
        BOOST_TEST(std::abs(counts[i] - share * kClients) <
                   5 * std::sqrt(kClients * share * (1 - share)));
    }
}

BOOST_AUTO_TEST_CASE(without_a_key_a_slot_is_chosen_by_chance)
{
    Choosing choosing("hash", {100, 200, 300, 400});
    std::vector<double> counts(4);
    for (int i = 0; i < kClients; ++i)
        ++counts[choosing.propose()];
    for (std::size_t i = 0; i < 4; ++i)
        BOOST_TEST(std::abs(counts[i] - static_cast<double>(i + 1) * kClients / 10) < 400);
}

BOOST_DATA_TEST_CASE(no_load_is_ever_above_its_bound_and_one,
                     std::vector<std::uint32_t>({101, 125, 200}), factor)
{
    const Weights weights{100, 100, 200, 400, 50, 150, 1000};
    Choosing choosing("hash", weights, factor);
    std::mt19937 random(20240131);
    std::vector<Place> under_way;
    for (int i = 0; i < 20'000; ++i) {
        if (under_way.size() > 300) {
            std::swap(under_way[random() % under_way.size()], under_way.back());
            choosing.end(under_way.back());
            under_way.pop_back();
        }
        // A few clients are most of the load.
        const auto place = choosing.place(key_of(static_cast<int>(random() % 5)));
        under_way.push_back(place);
        const auto total = static_cast<double>(under_way.size());
        BOOST_TEST_REQUIRE(choosing.active(place) <=
                           total * weights[place] / 2000 * factor / 100 + 1);
    }
}

BOOST_AUTO_TEST_CASE(without_a_factor_nobody_is_too_busy)
{
    Choosing choosing("hash", {100, 100});
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(choosing.place(key_of(1)) == choosing.propose(key_of(1)));
}

BOOST_AUTO_TEST_CASE(a_bound_lets_clients_come_back_when_their_member_is_less_busy)
{
    Choosing choosing("hash", Weights(10, 100), 125);
    const auto own = choosing.propose(key_of(1));
    choosing.begin(own);
    BOOST_TEST(choosing.propose(key_of(1)) != own);
    choosing.end(own);
    BOOST_TEST(choosing.propose(key_of(1)) == own);
}

BOOST_AUTO_TEST_CASE(the_fair_share_is_of_the_members_that_can_serve)
{
    Choosing choosing("hash", Weights(10, 100), 150);
    BOOST_TEST(choosing.serving_weight.load() == 1000u);
    std::vector<Leaf> down;
    for (Leaf leaf = 1; leaf < 9; ++leaf) {
        down.push_back(leaf);
        choosing.policy->update(leaf, false, choosing.now);
        choosing.policy->update(leaf, false, choosing.now);
    }
    BOOST_TEST(choosing.serving_weight.load() == 200u);
    for (int i = 0; i < 100; ++i)
        choosing.begin(choosing.propose(key_of(i), down));
    BOOST_TEST(choosing.active(0) + choosing.active(9) == 100u);
    BOOST_TEST(std::max(choosing.active(0), choosing.active(9)) <= 76u);
    choosing.serving_weight.store(77);
    choosing.policy->refresh(choosing.now);
    BOOST_TEST(choosing.serving_weight.load() == 200u);
    choosing.refresh();
    BOOST_TEST(choosing.serving_weight.load() == 1000u);
}

BOOST_AUTO_TEST_CASE(where_everybody_is_too_busy_the_least_busy_is_taken)
{
    Choosing choosing("hash", {100, 100, 100}, 125);
    for (Place place = 0; place < 3; ++place) {
        choosing.loads[place].active.store(99 - place);
        choosing.begin(place, false);
    }
    BOOST_TEST(choosing.propose(key_of(1)) == 2u);  // the sum says that nothing is under way
}

BOOST_AUTO_TEST_CASE(when_all_were_refused_there_is_nobody)
{
    Choosing choosing("hash", {100, 100, 100});
    const Leaf all[] = {0, 1, 2};
    BOOST_TEST(choosing.propose(key_of(1), all) == kNobody);
}

BOOST_AUTO_TEST_CASE(the_table_goes_by_places_so_that_a_member_more_leaves_it_as_large)
{
    Choosing few("hash", Weights(655, 100), 0, 1024), more("hash", Weights(656, 100), 0, 1024);
    BOOST_TEST(ConsistentHash(few.setup).slots().size() == 131'071u);
    BOOST_TEST(ConsistentHash(more.setup).slots().size() == 131'071u);
}

BOOST_AUTO_TEST_SUITE_END()
