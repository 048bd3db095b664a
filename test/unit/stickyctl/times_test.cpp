// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/times.hpp"

#include <boost/test/unit_test.hpp>

using namespace stickybalancer::stickyctl;

BOOST_AUTO_TEST_SUITE(times_test)

BOOST_AUTO_TEST_CASE(spans_have_the_units_of_the_directives)
{
    BOOST_TEST(parse_span("90s")->count() == 90'000);
    BOOST_TEST(parse_span("90")->count() == 90'000);
    BOOST_TEST(parse_span("500ms")->count() == 500);
    BOOST_TEST(parse_span("30min")->count() == 1'800'000);
    BOOST_TEST(parse_span("30m")->count() == 1'800'000);
    BOOST_TEST(parse_span("2h")->count() == 7'200'000);
    BOOST_TEST(parse_span("1d")->count() == 86'400'000);
    BOOST_TEST(parse_span("0s")->count() == 0);
}

BOOST_AUTO_TEST_CASE(what_is_no_span_is_refused)
{
    for (const auto *text :
         {"", "s", "-1s", "1.5h", "2 h", "2weeks", "99999999999999999999s", "9223372036854775807d"})
        BOOST_TEST(!parse_span(text), text);
}

BOOST_AUTO_TEST_CASE(a_span_reads_as_its_two_largest_units)
{
    BOOST_TEST(readable_span(seconds(0)) == "0s");
    BOOST_TEST(readable_span(seconds(59)) == "59s");
    BOOST_TEST(readable_span(seconds(60)) == "1min");
    BOOST_TEST(readable_span(seconds(3900)) == "1h 5min");
    BOOST_TEST(readable_span(seconds(86'401)) == "1d");
}

BOOST_AUTO_TEST_CASE(an_instant_is_read_exactly)
{
    BOOST_TEST(parse_instant("1970-01-02T00:00:01Z")->time_since_epoch().count() == 86'401);
    for (const auto *text :
         {"", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
          "2026-11-21T00:00:00", "2026-11-21T00:00:00Zx"})
        BOOST_TEST(!parse_instant(text), text);
}

BOOST_AUTO_TEST_CASE(an_instant_is_told_from_now)
{
    const auto now = *parse_instant("2026-11-21T10:00:00Z");
    BOOST_TEST(relative_to(now, "2026-11-21T09:59:48Z") == "12s ago");
    BOOST_TEST(relative_to(now, "2026-11-21T10:03:00Z") == "in 3min");
    BOOST_TEST(relative_to(now, "2026-11-21T10:00:00Z") == "now");
    BOOST_TEST(relative_to(now, "") == "");
    BOOST_TEST(clock_and_span(now, "2026-11-21T10:03:00Z") == "10:03:00 UTC (in 3min)");
    BOOST_TEST(clock_and_span(now, "2026-11-22T10:00:00Z") == "2026-11-22 10:00:00 UTC (in 1d)");
}

BOOST_AUTO_TEST_SUITE_END()
