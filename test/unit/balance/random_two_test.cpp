// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "core/balance/random_two.hpp"
#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;
using balance::RandomTwo;
using test::Choosing;
using test::Weights;

namespace {

std::uint32_t busiest(const Choosing &choosing)
{
    std::uint32_t most = 0;
    for (std::uint32_t place = 0; place < choosing.loads.size(); ++place)
        most = std::max(most, choosing.active(place));
    return most;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_two_test)

// Five standard deviations of a binomial count: one run in two million would be outside.
BOOST_AUTO_TEST_CASE(members_are_drawn_by_weight)
{
    const Weights weights{1, 2, 3, 94, 100, 300};
    const Choosing choosing("random2", weights);
    const RandomTwo policy(choosing.setup);
    std::mt19937_64 random(20240131);
    std::vector<double> counts(weights.size());
    constexpr double kDraws = 500'000;
    for (int i = 0; i < kDraws; ++i)
        ++counts[policy.draw(random())];
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto share = weights[i] / 500.0;
        BOOST_TEST(std::abs(counts[i] - share * kDraws) <
                   5 * std::sqrt(kDraws * share * (1 - share)));
    }
}

BOOST_AUTO_TEST_CASE(any_number_draws_a_member)
{
    for (const auto &weights : {Weights{1}, Weights{1, 4'294'967'295}, Weights(1000, 7)}) {
        const Choosing choosing("random2", weights);
        const RandomTwo policy(choosing.setup);
        for (const auto number : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63,
                                  std::uint64_t{0xFFFF'FFFF}})
            BOOST_TEST(policy.draw(number) < weights.size());
    }
}

// One request after the other: nobody has anything under way when the next one comes.
BOOST_AUTO_TEST_CASE(idle_members_get_shares_by_weight)
{
    for (const auto &weights : {Weights{1, 1, 4}, Weights{300, 100}, Weights{1, 2, 3, 94, 100}}) {
        Choosing idle("random2", weights);
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        std::vector<double> counts(weights.size());
        constexpr double kRequests = 100'000;
        for (int i = 0; i < kRequests; ++i) {
            const auto place = idle.place();
            idle.end(place);
            ++counts[place];
        }
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const auto share = weights[i] / sum;
            BOOST_TEST(std::abs(counts[i] - share * kRequests) <
                       5 * std::sqrt(kRequests * share * (1 - share)));
        }
    }
}

BOOST_AUTO_TEST_CASE(an_idle_starting_member_gets_its_share_of_its_weight)
{
    Choosing three("random2", {100, 100, 100});
    const std::int64_t started_us = three.now.us - 25'000'000;
    three.setup.candidates[0].slow_start = members::SlowStart(&started_us, {100'000'000});
    three.make("random2");
    int count = 0;
    for (int i = 0; i < 90'000; ++i)
        count += three.propose() == 0u;
    BOOST_TEST(std::abs(count - 10'000) < 5 * std::sqrt(90'000 / 9.0));  // 1/4 beside 1 and 1
}

BOOST_AUTO_TEST_CASE(who_has_more_to_do_for_its_weight_is_avoided)
{
    Choosing two("random2", {100, 400});
    two.begin(1);  // 1/400 beside nothing
    for (int i = 0; i < 200; ++i)
        BOOST_TEST_REQUIRE(two.propose() == 0u);
    two.begin(0);  // and beside 1/100
    for (int i = 0; i < 200; ++i)
        BOOST_TEST_REQUIRE(two.propose() == 1u);
}

BOOST_AUTO_TEST_CASE(the_less_busy_of_two_gets_the_request)
{
    Choosing two("random2", {100, 300});
    for (int i = 0; i < 400; ++i)
        two.place();
    BOOST_TEST(std::abs(static_cast<int>(two.active(0)) - 100) <= 1);
}

BOOST_AUTO_TEST_CASE(the_busiest_of_a_thousand_is_well_below_that_of_plain_chance)
{
    Choosing by_two("random2", Weights(1000, 100)), by_one("random2", Weights(1000, 100));
    const RandomTwo draws(by_one.setup);
    std::mt19937_64 random(20240131);
    for (int i = 0; i < 1000; ++i) {
        by_two.place();
        by_one.begin(draws.draw(random()));
    }
    // Of one each: log2 log 1000 is 2.8, and 3 or 4 come of it; by chance alone 5 to 7.
    BOOST_TEST(busiest(by_two) <= 4u);
    BOOST_TEST(busiest(by_one) >= 5u);
    for (int i = 0; i < 99'000; ++i) {
        by_two.place();
        by_one.begin(draws.draw(random()));
    }
    BOOST_TEST(busiest(by_two) <= 104u);
    BOOST_TEST(busiest(by_one) >= 125u);
}

BOOST_AUTO_TEST_CASE(held_attempts_are_near_the_weights)
{
    Weights weights(50);
    for (std::uint32_t i = 0; i < 50; ++i)
        weights[i] = 100 * (1 + i % 4);
    Choosing choosing("random2", weights);
    for (int i = 0; i < 12'300; ++i)
        choosing.place();
    for (std::uint32_t i = 0; i < 50; ++i)
        BOOST_TEST(std::abs(static_cast<double>(choosing.active(i)) - 100.0 * (1 + i % 4)) < 8);
}

BOOST_AUTO_TEST_CASE(who_was_refused_is_not_proposed_while_another_is_found)
{
    Choosing three("random2", {1, 1, 1000});
    three.loads[0].active.store(50);
    const balance::Leaf refused[] = {1, 2};
    for (int i = 0; i < 200; ++i)
        BOOST_TEST_REQUIRE(three.propose(0, refused) == 0u);
}

BOOST_AUTO_TEST_CASE(processes_draw_other_numbers)
{
    Choosing one("random2", Weights(1000, 1));
    std::string first, second;
    for (int i = 0; i < 10; ++i)
        first += std::to_string(one.propose()) + " ";
    one.make("random2");
    for (int i = 0; i < 10; ++i)
        second += std::to_string(one.propose()) + " ";
    BOOST_TEST(first != second);
    BOOST_TEST(one.cursor.load() == 2u);  // and ask once for them
}

BOOST_AUTO_TEST_SUITE_END()
