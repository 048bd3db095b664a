// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>

#include "core/balance/least_sessions.hpp"
#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;
using test::Choosing;
using test::Weights;

namespace {

constexpr std::int64_t kMinute_us = 60'000'000;

struct Sessions : Choosing {
    explicit Sessions(const Weights &weights) : Choosing("leastsessions", weights) {}

    // Of requests that end at once.
    std::vector<int> placed(int count)
    {
        std::vector<int> counts(loads.size());
        for (int i = 0; i < count; ++i) {
            const auto chosen = place();
            end(chosen);
            ++counts[chosen];
        }
        return counts;
    }
    double sessions(balance::Place at) const
    {
        return static_cast<double>(loads[at].sessions.load()) / balance::kSession;
    }
    void pass(std::int64_t minutes)
    {
        for (std::int64_t second = 0; second < 60 * minutes; ++second) {
            now.us += kMinute_us / 60;
            refresh();
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(least_sessions_test)

BOOST_AUTO_TEST_CASE(sessions_that_are_over_as_requests_still_count)
{
    Sessions three({1, 1, 1});
    BOOST_TEST(three.placed(9) == (std::vector<int>{3, 3, 3}), boost::test_tools::per_element());
    BOOST_TEST(three.sessions(0) == 3.0);
}

BOOST_AUTO_TEST_CASE(no_member_is_a_whole_session_below_its_share_and_full_rounds_are_exact)
{
    const Weights weights{700, 100, 250, 50, 900};
    Sessions five(weights);
    for (int total = 1; total <= 4000; ++total) {
        five.placed(1);
        for (balance::Place place = 0; place < 5; ++place)
            BOOST_TEST_REQUIRE(five.sessions(place) > weights[place] / 2000.0 * total - 1);
    }
    for (balance::Place place = 0; place < 5; ++place)
        BOOST_TEST(five.sessions(place) == weights[place] * 2.0);
}

BOOST_AUTO_TEST_CASE(bound_clients_place_no_session)
{
    Sessions two({1, 1});
    for (int i = 0; i < 10; ++i)
        two.begin(0, false);
    BOOST_TEST(two.sessions(0) == 0.0);
    BOOST_TEST(two.placed(4) == (std::vector<int>{2, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_session_that_is_taken_back_makes_room_at_once)
{
    Sessions two({1, 1});
    two.begin(0);
    two.begin(1);
    two.begin(1);
    two.end(0, {{1000}, false, true});
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(two.propose() == 0u);
    two.begin(0);
    two.end(0, {{1000}, true, true});  // it was answered, and stays
    two.begin(0);
    two.begin(0);
    BOOST_TEST(two.propose() == 1u);
}

BOOST_AUTO_TEST_CASE(old_sessions_count_less_than_new_ones)
{
    Sessions two({1, 1});
    for (int i = 0; i < 10; ++i)
        two.begin(0);
    two.pass(30);
    for (int i = 0; i < 5; ++i)
        two.begin(1);
    BOOST_TEST(two.propose() == 0u);
}

BOOST_AUTO_TEST_CASE(more_sessions_than_can_be_counted_stay_as_many)
{
    Sessions two({1, 1});
    two.loads[0].sessions.store(0xFFFF'FFFF);
    two.begin(0);
    BOOST_TEST(two.loads[0].sessions.load() == 0xFFFF'FFFFu);
    BOOST_TEST(two.propose() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
