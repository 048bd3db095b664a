// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <limits>

#include "core/members/slow_start.hpp"

using namespace stickybalancer;
using members::kFullShare;
using members::SlowStart;

BOOST_AUTO_TEST_SUITE(slow_start_test)

BOOST_AUTO_TEST_CASE(the_share_grows_in_a_straight_line_from_1_to_256)
{
    const std::int64_t started_us = 1'000'000;
    const SlowStart start(&started_us, {256'000});
    BOOST_TEST(start.share({1'000'000}) == 1u);
    BOOST_TEST(start.share({1'001'999}) == 1u);
    BOOST_TEST(start.share({1'002'000}) == 2u);
    BOOST_TEST(start.share({1'128'000}) == 128u);
    BOOST_TEST(start.share({1'255'999}) == 255u);
    BOOST_TEST(start.share({1'256'000}) == kFullShare);
    BOOST_TEST(start.share({9'000'000}) == kFullShare);
}

BOOST_AUTO_TEST_CASE(the_start_is_read_each_time)
{
    std::int64_t started_us = 0;
    const SlowStart start(&started_us, {1'000'000});
    BOOST_TEST(start.share({500}) == kFullShare);  // not starting
    started_us = 500;
    BOOST_TEST(start.share({500}) == 1u);
}

BOOST_AUTO_TEST_CASE(without_a_length_or_a_word_there_is_no_slow_start)
{
    const std::int64_t started_us = 1'000'000;
    BOOST_TEST(SlowStart().share({1'000'000}) == kFullShare);
    BOOST_TEST(SlowStart(&started_us, {0}).share({1'000'000}) == kFullShare);
    BOOST_TEST(SlowStart(nullptr, {1'000'000}).share({1'000'000}) == kFullShare);
    BOOST_TEST(!SlowStart(&started_us, {0}).is_configured());
    BOOST_TEST(SlowStart(&started_us, {1}).is_configured());
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_stepped_back_holds_nobody_up)
{
    const std::int64_t started_us = 2'000'000;
    BOOST_TEST(SlowStart(&started_us, {1'000'000}).share({1'999'999}) == kFullShare);
}

BOOST_AUTO_TEST_CASE(lengths_and_times_of_any_size_are_good)
{
    const std::int64_t started_us = 1;
    const auto most = std::numeric_limits<std::int64_t>::max();
    BOOST_TEST(SlowStart(&started_us, {most}).share({most / 2 + 1}) == 128u);
}

BOOST_AUTO_TEST_SUITE_END()
