// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/cookie_dates.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;
using persistence::age_of;
using persistence::CookieAge;
using persistence::CookieDates;
using persistence::is_refresh_due;
using persistence::parse_cookie_dates;

namespace {

struct Row {
    std::string_view text;
    std::int64_t issued_s, seen_s;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << test::printable(row.text) << ']';
}

const Row kDates[] = {
    {"s44we8-s44z68", 1'700'000'000, 1'700'003'600},
    {"1-1", 1, 1},
    {"z-10", 35, 36},
    {"S44WE8-s44we8", 1'700'000'000, 1'700'000'000},
    {"zzzzzzzz-zzzzzzzz", 2'821'109'907'455, 2'821'109'907'455},
    {"00000001-00000002", 1, 2},
    {"0x1-1", 33 * 36 + 1, 1},
};

const std::string_view kNoDates[] = {
    "",
    "-",
    "1",
    "1-",
    "-1",
    "--",
    "1--1",
    "-1-1",
    "1-1-1",
    "1-+1",
    "+1-1",
    " 1-1",
    "1-1 ",
    "1 -1",
    "1_1",
    "1-1\0"sv,
    "1\0-1"sv,
    "1-\xFF",
    "1-1.",
    "zzzzzzzzz-1",
    "1-zzzzzzzzz",
    "1-9999999999999999999999",
    "0-0",
    "JSESSIONID",
    "a1b2-c3d4-e5f6",
};

std::string written(const CookieDates &dates)
{
    char text[64];
    base::BoundedWriter out(text);
    write_cookie_dates(out, dates);
    return {text, out.size_needed()};
}

// Of a cookie seen at 1,000,000, that lives for an hour: a sixteenth is 225 seconds.
bool is_due(std::int64_t now_s, std::int64_t lifetime_s = 3600)
{
    return is_refresh_due({900'000, 1'000'000}, now_s, lifetime_s);
}

constexpr std::int64_t kNow_s = 1'700'000'000;
constexpr std::int64_t kDay_s = 86'400;

struct AgeRow {
    std::int64_t issued_ago_s, seen_ago_s, idle_s, life_s;
    CookieAge age;
};
std::ostream &operator<<(std::ostream &out, const AgeRow &row)
{
    return out << "issued " << row.issued_ago_s << " s ago, seen " << row.seen_ago_s
               << " s ago, maxidle " << row.idle_s << ", maxlife " << row.life_s;
}

constexpr auto kGood = CookieAge::kGood, kIdle = CookieAge::kIdleTooLong, kOld = CookieAge::kTooOld;
const AgeRow kAges[] = {
    // no limits
    {0, 0, 0, 0, kGood},
    {kNow_s - 1, kNow_s - 1, 0, 0, kGood},
    {-kNow_s, -kNow_s, 0, 0, kGood},
    // idleness alone
    {0, 0, 60, 0, kGood},
    {60, 60, 60, 0, kGood},
    {61, 61, 60, 0, kIdle},
    {1'000'000, 60, 60, 0, kGood},
    {1'000'000, 61, 60, 0, kIdle},
    {0, -kDay_s, 60, 0, kGood},
    {0, -kDay_s - 1, 60, 0, kIdle},
    {-kDay_s, 0, 60, 0, kGood},
    {-kDay_s - 1, 0, 60, 0, kIdle},
    // life alone
    {60, 60, 0, 60, kGood},
    {61, 61, 0, 60, kOld},
    {61, 0, 0, 60, kOld},
    {60, 1'000'000, 0, 60, kGood},
    {-kDay_s, 0, 0, 60, kGood},
    {-kDay_s - 1, 0, 0, 60, kOld},
    {0, -kDay_s, 0, 60, kGood},
    {0, -kDay_s - 1, 0, 60, kOld},
    // both; life is looked at first
    {60, 10, 10, 60, kGood},
    {60, 11, 10, 60, kIdle},
    {61, 10, 10, 60, kOld},
    {61, 11, 10, 60, kOld},
    {-kDay_s - 1, 0, 10, 60, kOld},
    {0, -kDay_s - 1, 10, 60, kIdle},
    {1, 1, 1, 1, kGood},
    {2, 2, 1, 1, kOld},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_dates_test)

BOOST_DATA_TEST_CASE(a_cookie_is_good_for_as_long_as_its_limits_say, kAges, row)
{
    const CookieDates dates{kNow_s - row.issued_ago_s, kNow_s - row.seen_ago_s};
    BOOST_TEST(age_of(dates, {row.idle_s, row.life_s}, kNow_s) == row.age);
}

BOOST_AUTO_TEST_CASE(a_cookie_without_dates_is_good_but_where_its_life_is_limited)
{
    BOOST_TEST(age_of({}, {0, 0}, kNow_s) == kGood);
    BOOST_TEST(age_of({}, {60, 0}, kNow_s) == kGood);
    BOOST_TEST(age_of({}, {0, 60}, kNow_s) == kOld);
    BOOST_TEST(age_of({}, {60, 60}, kNow_s) == kOld);
}

BOOST_AUTO_TEST_CASE(the_greatest_dates_and_limits_are_compared_without_harm)
{
    const std::int64_t greatest_s = 2'821'109'907'455;  // zzzzzzzz
    BOOST_TEST(age_of({greatest_s, greatest_s}, {60, 0}, kNow_s) == kIdle);
    BOOST_TEST(age_of({1, 1}, {INT64_MAX, INT64_MAX}, kNow_s) == kGood);
    BOOST_TEST(age_of({1, 1}, {60, 60}, INT64_MAX / 1'000'000) == kOld);
}

BOOST_DATA_TEST_CASE(two_numbers_of_base_36_are_dates, kDates, row)
{
    const test::Exact text(row.text);
    const auto dates = parse_cookie_dates(text);
    BOOST_TEST(dates.is_known());
    BOOST_TEST(dates.issued_s == row.issued_s);
    BOOST_TEST(dates.seen_s == row.seen_s);
}

BOOST_DATA_TEST_CASE(anything_else_has_no_dates, kNoDates, row)
{
    const test::Exact text(row);
    const auto dates = parse_cookie_dates(text);
    BOOST_TEST(!dates.is_known());
    BOOST_TEST(dates.seen_s == 0);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again)
{
    BOOST_TEST(written({1'700'000'000, 1'700'003'600}) == "s44we8-s44z68");
    for (std::int64_t issued_s = 1; issued_s < 1'000'000'000'000; issued_s = issued_s * 3 + 1) {
        const auto dates = parse_cookie_dates(written({issued_s, issued_s + 86'400}));
        BOOST_TEST(dates.issued_s == issued_s);
        BOOST_TEST(dates.seen_s == issued_s + 86'400);
    }
}

BOOST_AUTO_TEST_CASE(a_refresh_is_due_after_a_sixteenth_of_the_lifetime)
{
    BOOST_TEST(!is_due(1'000'000));
    BOOST_TEST(!is_due(1'000'225));
    BOOST_TEST(is_due(1'000'226));
    BOOST_TEST(is_due(1'003'600));
}

BOOST_AUTO_TEST_CASE(a_refresh_is_never_due_within_the_same_second_or_the_next)
{
    BOOST_TEST(!is_due(1'000'000, 1));
    BOOST_TEST(!is_due(1'000'001, 1));
    BOOST_TEST(is_due(1'000'002, 1));
    BOOST_TEST(!is_due(1'000'001, 31));
    BOOST_TEST(is_due(1'000'003, 32));
    BOOST_TEST(!is_due(1'000'002, 32));
}

BOOST_AUTO_TEST_CASE(without_dates_or_with_one_yet_to_come_a_refresh_is_due_at_once)
{
    BOOST_TEST(is_refresh_due({}, 1'000'000, 3600));
    BOOST_TEST(is_due(999'999));
    BOOST_TEST(is_due(0));
}

BOOST_AUTO_TEST_SUITE_END()
