// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <type_traits>

#include "core/base/time.hpp"
#include "test/unit/support/print.hpp"

using stickybalancer::base::DurationUs;
using stickybalancer::base::TimeUs;

BOOST_AUTO_TEST_SUITE(time_test)

BOOST_AUTO_TEST_CASE(the_difference_of_two_times_is_a_span_and_may_be_negative)
{
    BOOST_TEST((TimeUs{5'000'000} - TimeUs{2'000'000}) == DurationUs{3'000'000});
    BOOST_TEST((TimeUs{2'000'000} - TimeUs{5'000'000}) == DurationUs{-3'000'000});
}

BOOST_AUTO_TEST_CASE(times_are_ordered_and_so_are_spans)
{
    BOOST_TEST(TimeUs{1} < TimeUs{2});
    BOOST_TEST(DurationUs{-1} < DurationUs{});
    BOOST_TEST(TimeUs{} == TimeUs{0});
}

BOOST_AUTO_TEST_CASE(times_and_spans_do_not_mix)
{
    static_assert(!std::is_convertible_v<TimeUs, DurationUs> &&
                  !std::is_convertible_v<DurationUs, TimeUs>);
    static_assert(!std::is_convertible_v<TimeUs, std::int64_t>);
    static_assert(std::is_same_v<decltype(TimeUs{} - TimeUs{}), DurationUs>);
    BOOST_TEST(sizeof(TimeUs) == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
