// SPDX-License-Identifier: Apache-2.0
//
// The promises of round robin, over many random lists of weights (seeds are literals, so every run
// is the same), and as schedules worked out by hand.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/balance/round_robin.hpp"
#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;
using balance::Cursor;
using balance::RoundRobin;
using Weights = std::vector<std::uint32_t>;

namespace {

// One period, with a letter for each member.
std::string turns_of(const Weights &weights)
{
    std::string turns;
    const RoundRobin schedule(weights);
    for (const auto member : schedule.period())
        turns += static_cast<char>('a' + member);
    return turns;
}

std::uint32_t divisor_of(const Weights &weights)
{
    return std::accumulate(weights.begin(), weights.end(), 0U,
                           [](auto a, auto b) { return std::gcd(a, b); });
}

std::vector<Weights> random_lists(std::size_t most_members, std::uint32_t most_weight)
{
    std::mt19937 random(20240131);
    std::vector<Weights> lists;
    for (int i = 0; i < 200; ++i) {
        Weights weights(1 + random() % most_members);
        for (auto &weight : weights)
            weight = 1 + static_cast<std::uint32_t>(random() % most_weight);
        lists.push_back(weights);
    }
    return lists;
}

// How far the counts of any prefix of the period are from the members' shares, in units of this
// bound: the count of each class of equal weights is within 1/2 of its weight times the time, so a
// class of share P among c is off by at most (1 - P) / 2 + P (c - 1) / 2, and each of its m members
// by an m-th of that, and by (m - 1) / m more, as they take turns.
double worst_deviation(const Weights &weights)
{
    const auto sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    const auto classes = static_cast<double>(std::set(weights.begin(), weights.end()).size());
    const RoundRobin schedule(weights);
    std::vector<double> counts(weights.size());
    double worst = 0, turns = 0;
    for (const auto member : schedule.period()) {
        ++counts[member];
        ++turns;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const double share = weights[i] / sum;
            const double peers =
                static_cast<double>(std::count(weights.begin(), weights.end(), weights[i]));
            const double class_bound = (1 - peers * share) / 2 + peers * share * (classes - 1) / 2;
            const double bound = class_bound / peers + (peers - 1) / peers;
            worst = std::max(worst, std::abs(counts[i] - share * turns) / std::max(bound, 1e-9));
        }
    }
    return weights.size() == 1 ? 0 : worst;
}

struct Row {
    Weights weights;
    std::string turns;
};
std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.turns; }

const std::vector<Row> kSchedules = {
    {{1}, "a"},
    {{9}, "a"},
    {{1, 1}, "ab"},
    {{7, 7, 7}, "abc"},
    {{1, 1, 1, 1, 1}, "abcde"},
    {{2, 1}, "aba"},
    {{1, 2}, "bab"},
    {{3, 1}, "aaba"},
    {{3, 2, 1}, "abacba"},
    {{300, 200, 100}, "abacba"},
    {{2, 2, 1}, "abcab"},
    {{5, 1, 1}, "abaaaca"},
    {{3, 1, 1, 1}, "abacad"},
    {{10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "abacadaeafagahaiajak"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(round_robin_test)

BOOST_DATA_TEST_CASE(turns_are_taken_in_the_order_in_which_they_are_due, kSchedules, row)
{
    BOOST_TEST(turns_of(row.weights) == row.turns);
}

BOOST_AUTO_TEST_CASE(each_member_has_exactly_its_weight_of_turns_in_a_period)
{
    for (const auto &weights : random_lists(20, 100)) {
        const RoundRobin schedule(weights);
        const auto divisor = divisor_of(weights);
        for (std::uint32_t member = 0; member < weights.size(); ++member)
            BOOST_TEST_REQUIRE(std::count(schedule.period().begin(), schedule.period().end(),
                                          member) == weights[member] / divisor);
    }
}

BOOST_AUTO_TEST_CASE(any_prefix_is_within_half_a_turn_a_class_of_weights_of_the_shares)
{
    for (const auto &weights : random_lists(20, 100))
        BOOST_TEST_REQUIRE(worst_deviation(weights) <= 1.000001);
}

BOOST_AUTO_TEST_CASE(any_prefix_is_within_one_turn_of_the_shares_for_three_members_or_fewer)
{
    for (const auto &weights : random_lists(3, 1000)) {
        const auto sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        const RoundRobin schedule(weights);
        Weights counts(weights.size());
        double turns = 0;
        for (const auto member : schedule.period()) {
            ++counts[member];
            ++turns;
            for (std::size_t i = 0; i < weights.size(); ++i)
                BOOST_TEST_REQUIRE(std::abs(counts[i] - weights[i] / sum * turns) < 1.0);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_second_half_of_a_period_mirrors_the_first_but_for_turns_due_at_once)
{
    const auto turns = turns_of({7, 5, 3});
    std::string mirrored(turns.rbegin(), turns.rend());
    std::size_t different = 0;
    for (std::size_t i = 0; i < turns.size(); ++i)
        different += turns[i] != mirrored[i];
    BOOST_TEST(different <= 2u);  // at one half all three are due
}

BOOST_AUTO_TEST_CASE(equal_weights_take_turns_in_configuration_order)
{
    for (std::uint32_t count = 1; count <= 200; ++count) {
        const Weights weights(count, 1 + count % 7);
        const RoundRobin schedule(weights);
        BOOST_TEST_REQUIRE(schedule.period().size() == count);
        for (std::uint32_t i = 0; i < count; ++i)
            BOOST_TEST_REQUIRE(schedule.period()[i] == i);
    }
}

BOOST_AUTO_TEST_CASE(turns_walk_the_period_round_and_round)
{
    const RoundRobin schedule(Weights{3, 2, 1});
    Cursor cursor{};
    for (std::size_t i = 0; i < 60; ++i)
        BOOST_TEST(schedule.take_turn(cursor) == schedule.period()[i % 6]);
    BOOST_TEST(cursor.load() == 60u);
}

BOOST_AUTO_TEST_CASE(skipping_a_member_leaves_the_others_exactly_their_proportions)
{
    for (const auto &weights : random_lists(8, 50)) {
        if (weights.size() < 2)
            continue;
        const RoundRobin schedule(weights);
        const std::uint32_t down = weights[0] % static_cast<std::uint32_t>(weights.size());
        Cursor cursor{};
        std::map<std::uint32_t, std::uint32_t> counts;
        for (std::size_t i = 0; i < 3 * schedule.period().size(); ++i)
            if (const auto member = schedule.take_turn(cursor); member != down)
                ++counts[member];
        for (std::uint32_t member = 0; member < weights.size(); ++member)
            if (member != down)
                BOOST_TEST_REQUIRE(counts[member] == 3 * weights[member] / divisor_of(weights));
    }
}

BOOST_AUTO_TEST_CASE(two_who_take_turns_from_one_cursor_keep_the_weights_together)
{
    const RoundRobin first(Weights{3, 2, 1}), second(Weights{3, 2, 1});  // as in two processes
    Cursor cursor{};
    std::vector<std::uint32_t> counts(3), others(3);
    std::thread other([&] {
        for (int i = 0; i < 30'000; ++i)
            ++others[second.take_turn(cursor)];
    });
    for (int i = 0; i < 30'000; ++i)
        ++counts[first.take_turn(cursor)];
    other.join();
    // Each may be left with the rest of a batch: 31 turns.
    const auto is_near = [&](std::size_t place, int exact) {
        return std::abs(static_cast<int>(counts[place] + others[place]) - exact) <= 2 * 31;
    };
    BOOST_TEST(is_near(0, 30'000));
    BOOST_TEST(is_near(1, 20'000));
    BOOST_TEST(is_near(2, 10'000));
}

BOOST_AUTO_TEST_CASE(two_who_never_stop_leave_no_turn_out_but_the_rests_of_their_batches)
{
    const RoundRobin first(Weights{1}), second(Weights{1});
    Cursor cursor{};
    std::thread other([&] {
        for (int i = 0; i < 100'000; ++i)
            second.take_turn(cursor, {1});
    });
    for (int i = 0; i < 100'000; ++i)
        first.take_turn(cursor, {1});
    other.join();
    BOOST_TEST(cursor.load() >= 200'000u);
    BOOST_TEST(cursor.load() <= 200'000u + 2 * 31);
    for (int i = 0; i < 31; ++i)
        first.take_turn(cursor, {1'000'000});
    const auto before = cursor.load();
    for (int i = 0; i < 10; ++i)
        first.take_turn(cursor, {1'000'000});
    BOOST_TEST(cursor.load() == before + 10);  // one by one again
}

BOOST_AUTO_TEST_CASE(a_starting_member_takes_its_share_of_its_turns)
{
    test::Choosing choosing("roundrobin", {100, 100, 100});
    std::int64_t started_us = choosing.now.us - 250'000;
    choosing.setup.candidates[1].slow_start = members::SlowStart(&started_us, {1'000'000});
    choosing.make("roundrobin");
    std::vector<int> counts(3);
    for (int i = 0; i < 9000; ++i)
        ++counts[choosing.propose()];
    BOOST_TEST(std::abs(counts[1] - 1000) < 100);  // a quarter of 4000
    BOOST_TEST(std::abs(counts[0] - counts[2]) < 100);
    started_us = 0;
    counts.assign(3, 0);
    for (int i = 0; i < 300; ++i)
        ++counts[choosing.propose()];
    BOOST_TEST(counts == (std::vector<int>{100, 100, 100}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(when_everybody_is_starting_everybody_serves)
{
    test::Choosing choosing("roundrobin", {100, 100});
    const auto started_us = choosing.now.us;
    for (auto &candidate : choosing.setup.candidates)
        candidate.slow_start = members::SlowStart(&started_us, {1'000'000});
    choosing.make("roundrobin");
    const auto turns = choosing.proposals(1000);
    BOOST_TEST(std::abs(std::count(turns.begin(), turns.end(), 'a') - 500) < 80);
}

BOOST_AUTO_TEST_CASE(a_cursor_at_its_end_goes_on_from_zero)
{
    const RoundRobin schedule(Weights{1, 1});
    Cursor cursor{};
    cursor.store(UINT64_MAX);
    BOOST_TEST(schedule.take_turn(cursor) == 1u);
    BOOST_TEST(schedule.take_turn(cursor) == 0u);
}

BOOST_AUTO_TEST_CASE(a_period_of_the_greatest_length_is_still_exact)
{
    const RoundRobin schedule(Weights{65'535, 1});
    BOOST_TEST(schedule.period().size() == 65'536u);
    BOOST_TEST(std::count(schedule.period().begin(), schedule.period().end(), 1U) == 1);
}

BOOST_AUTO_TEST_CASE(weights_too_great_for_a_period_are_rounded_and_nobody_is_left_out)
{
    for (const auto &weights : {Weights{65'537, 1}, Weights{4'294'967'295, 4'294'967'294, 1},
                                Weights{1'000'000'007, 998'244'353, 1'000'000'009, 3}}) {
        const RoundRobin schedule(weights);
        const auto sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        const auto length = static_cast<double>(schedule.period().size());
        BOOST_TEST(schedule.period().size() <= RoundRobin::kLongestPeriod + weights.size());
        for (std::uint32_t member = 0; member < weights.size(); ++member) {
            const auto turns = static_cast<double>(
                std::count(schedule.period().begin(), schedule.period().end(), member));
            BOOST_TEST(turns >= 1);
            BOOST_TEST(std::abs(turns / length - weights[member] / sum) <= 2.0 / length);
        }
    }
}

BOOST_AUTO_TEST_CASE(thousands_of_members_each_have_their_turns)
{
    Weights weights(20'000);
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = 1 + static_cast<std::uint32_t>(i * 2'654'435'761U % 1000);
    const RoundRobin schedule(weights);
    BOOST_TEST(schedule.period().size() <= 9 * weights.size());
    std::vector<bool> has_turn(weights.size());
    for (const auto member : schedule.period())
        has_turn[member] = true;
    BOOST_TEST(std::count(has_turn.begin(), has_turn.end(), false) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
