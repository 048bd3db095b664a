// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

#include "core/balance/least_time.hpp"
#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;
using balance::LeastTime;
using test::Choosing;
using test::Weights;

namespace {

constexpr std::int64_t kMs = 1000, kSecond_us = 1'000'000;

struct Times : Choosing {
    explicit Times(const Weights &weights) : Choosing("leasttime", weights) {}

    // An attempt that took so long, until now.
    void took(balance::Place place, std::int64_t us, bool is_answered = true)
    {
        begin(place);
        end(place, {{us}, is_answered});
    }
    double average_ms(balance::Place place) const
    {
        return LeastTime::average_us(loads[place], now) / 1000.0;
    }
    void pass(std::int64_t us) { now.us += us; }
};

bool is_near(double value, double expected) { return std::abs(value - expected) < 0.01 * expected; }

}  // namespace

BOOST_AUTO_TEST_SUITE(least_time_test)

BOOST_AUTO_TEST_CASE(the_average_of_the_worked_example)
{
    Times one({1});
    one.took(0, 10 * kMs);
    BOOST_TEST(is_near(one.average_ms(0), 10));
    one.took(0, 50 * kMs);
    BOOST_TEST(is_near(one.average_ms(0), 50));  // a peak counts at once
    one.pass(kSecond_us);
    one.took(0, 10 * kMs);
    BOOST_TEST(is_near(one.average_ms(0), 46.2));
    one.pass(10 * kSecond_us);
    BOOST_TEST(is_near(one.average_ms(0), 17.0));
}

BOOST_AUTO_TEST_CASE(the_fastest_is_taken_until_it_has_as_much_to_do)
{
    Times two({1, 1});
    two.took(0, 10 * kMs);
    two.took(1, 35 * kMs);
    std::string taken;
    for (int i = 0; i < 5; ++i)
        taken += static_cast<char>('a' + two.place());
    BOOST_TEST(taken == "aaaba");  // 10 20 30, then 35 is less than 40, and 40 than 70
}

BOOST_AUTO_TEST_CASE(times_are_weighed)
{
    Times two({1, 4});
    two.took(0, 10 * kMs);
    two.took(1, 30 * kMs);
    BOOST_TEST(two.propose() == 1u);
    two.begin(1);
    BOOST_TEST(two.propose() == 0u);
}

BOOST_AUTO_TEST_CASE(a_member_never_measured_is_tried_first_by_one_attempt)
{
    Times two({1, 1});
    two.took(0, 10 * kMs);
    BOOST_TEST(two.place() == 1u);
    for (int i = 0; i < 50; ++i)
        BOOST_TEST(two.place() == 0u);
    two.end(1, {{5 * kMs}, true});
    BOOST_TEST(two.place() == 1u);
}

BOOST_AUTO_TEST_CASE(where_nobody_was_measured_attempts_are_spread_evenly)
{
    Times ten(Weights(10, 100));
    for (std::uint32_t i = 0; i < 50; ++i)
        ten.place();
    for (std::uint32_t place = 0; place < 10; ++place)
        BOOST_TEST(ten.active(place) == 5u);
}

BOOST_AUTO_TEST_CASE(who_refuses_quickly_is_not_fast)
{
    Times two({1, 1});
    two.took(0, 200 * kMs);
    two.took(1, 100, false);
    BOOST_TEST(is_near(two.average_ms(1), 1000));
    for (int i = 0; i < 3; ++i)
        two.took(1, 100, false);
    BOOST_TEST(is_near(two.average_ms(1), 8000));
    for (int i = 0; i < 100; ++i)
        two.took(1, 100, false);
    BOOST_TEST(is_near(two.average_ms(1), 60'000));
    BOOST_TEST(two.propose() == 0u);
}

BOOST_AUTO_TEST_CASE(who_was_slow_is_tried_again)
{
    Times two({1, 1});
    two.took(0, 10 * kMs);
    two.took(1, 5000 * kMs);
    int until_tried_s = 0;
    while (until_tried_s < 200 && two.propose() == 0u) {
        two.pass(kSecond_us);
        two.took(0, 10 * kMs);
        two.refresh();
        ++until_tried_s;
    }
    BOOST_TEST(std::abs(until_tried_s - 62) <= 2);  // 10 s times the logarithm of 500
}

BOOST_AUTO_TEST_CASE(a_peak_of_weeks_ago_is_forgotten_and_so_is_one_of_a_clock_that_was_ahead)
{
    Times two({1, 1});
    two.took(0, 50'000 * kMs);
    two.took(1, 50'000 * kMs);
    for (int day = 0; day < 40; ++day) {
        two.pass(24 * 3600 * kSecond_us);
        two.refresh();
    }
    BOOST_TEST(LeastTime::average_us(two.loads[0], two.now) == 1u);
    two.took(0, 50'000 * kMs);
    two.pass(-3600 * kSecond_us);
    two.refresh();
    two.pass(10 * kSecond_us);
    BOOST_TEST(is_near(two.average_ms(0), 50'000 / std::exp(1.0)));
}

BOOST_AUTO_TEST_CASE(a_clock_stepped_back_and_times_of_any_size_are_good)
{
    Times two({1, 25'600});
    two.took(0, 10 * kMs);
    two.pass(-3600 * kSecond_us);
    BOOST_TEST(is_near(two.average_ms(0), 10));
    two.took(0, 1 * kMs);
    two.pass(10 * kSecond_us);
    BOOST_TEST(is_near(two.average_ms(0), 10 / std::exp(1.0)));  // it goes on from there
    two.took(0, std::numeric_limits<std::int64_t>::max());
    BOOST_TEST(is_near(two.average_ms(0), 60'000));
    two.took(1, -5);
    two.took(1, 0);
    BOOST_TEST(LeastTime::average_us(two.loads[1], two.now) == 1u);
    two.loads[1].active.store(0xFFFF'FFFF);
    two.loads[1].response_time.store(~std::uint64_t{0});
    two.refresh();
    BOOST_TEST(two.propose() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
