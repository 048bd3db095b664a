// SPDX-License-Identifier: Apache-2.0
//
// Caught if: a shared cache is handed one client's cookie, or a client that could have had one gets
// none.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/persistence/caching.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/print.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;
using persistence::Caching;
using persistence::Expires;

namespace {

constexpr auto kNone = Caching::kNone, kMaybe = Caching::kMaybe, kShared = Caching::kShared;

struct Row {
    std::string_view cache_control;
    Caching caching;  // of an answer 302, which nobody keeps unless something says so
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << test::printable(row.cache_control) << ']';
}

const Row kDirectives[] = {
    {"", kNone},
    {"public", kShared},
    {"PUBLIC", kShared},
    {"max-age=60", kShared},
    {"Max-Age=60", kShared},
    {"max-age=1", kShared},
    {"max-age=010", kShared},
    {"max-age=99999999999999999999999999", kShared},
    {"s-maxage=60", kShared},
    {"S-MaxAge=60", kShared},
    {"max-age=0, public", kShared},
    {"no-cache, max-age=60", kShared},
    {"must-revalidate, max-age=60", kShared},
    // the shared age comes before the other
    {"s-maxage=0, max-age=60", kMaybe},
    {"max-age=60, s-maxage=0", kMaybe},
    {"s-maxage=60, max-age=0", kShared},
    {"max-age=0, max-age=60", kShared},
    // no age
    {"max-age=0", kMaybe},
    {"max-age=000", kMaybe},
    {"max-age=", kMaybe},
    {"max-age", kMaybe},
    {"max-age=-1", kMaybe},
    {"max-age=+1", kMaybe},
    {"max-age=1.5", kMaybe},
    {"max-age=60s", kMaybe},
    {"max-age=\"\"", kMaybe},
    {"s-maxage", kMaybe},
    // kept by nobody for others
    {"private", kNone},
    {"Private, max-age=60", kNone},
    {"max-age=60, PRIVATE", kNone},
    {"public, private", kNone},
    {"no-store", kNone},
    {"max-age=60,no-store", kNone},
    {"NO-STORE, public", kNone},
    {"no-cache", kNone},
    // but for the headers that are named
    {"private=\"Set-Cookie\", max-age=60", kNone},
    {"private=set-cookie, max-age=60", kNone},
    {"private=\"X-A, SET-COOKIE\", max-age=60", kNone},
    {"private=\"X-A,set-cookie ,X-B\", max-age=60", kNone},
    {"no-cache=\"Set-Cookie\", max-age=60", kNone},
    {"private=\"X-A\", max-age=60", kShared},
    {"private=\"Set-Cookie2\", max-age=60", kShared},
    {"private=\"X-Set-Cookie\", max-age=60", kShared},
    {"no-cache=\"X-A\", max-age=60", kShared},
    {"no-cache=\"\", max-age=60", kShared},
    {"private=\"\", public", kNone},
    // how a line is written
    {" max-age = 60 ", kShared},
    {"max-age=\"60\"", kShared},
    {"\tmax-age=60\t,\tfoo", kShared},
    {",, ,max-age=60,,", kShared},
    {",", kNone},
    {"foo, max-age=60", kShared},
    {"foo=bar, public", kShared},
    {"=, public", kShared},
    {"=public", kNone},
    {"public=1", kShared},
    // words inside other words, and inside quotes
    {"publicly", kNone},
    {"xpublic", kNone},
    {"public2", kNone},
    {"publi", kNone},
    {"x-max-age=60", kNone},
    {"max-ages=60", kNone},
    {"x=max-age=60", kNone},
    {"max-age:60", kNone},
    {"max-age=60 public", kMaybe},
    {"foo=public", kNone},
    {"foo=\"a, public\"", kNone},
    {"foo=\"a, private\", public", kShared},
    {"foo=\"\\\"\", public", kShared},  // an escaped quote ends nothing (RFC 9110 5.6.4)
    {"foo=\"\\\", public, \\\"\"", kNone},
    {"foo=\"\\\\\", public", kShared},
    // any byte
    {"max-age=60\0"sv, kMaybe},
    {"public\0"sv, kNone},
    {"\xFF\x80, public", kShared},
};
const Row kUnterminated[] = {
    {"foo=\"a, public", kNone},     {"max-age=60, foo=\"private", kShared},
    {"max-age=\"60", kMaybe},       {"\"", kNone},
    {"public, foo=\"a\\", kShared}, {"foo=\"\\\", public", kNone},
};

struct ExpiresRow {
    std::string_view cache_control;
    Expires expires;
    Caching caching;
};
std::ostream &operator<<(std::ostream &out, const ExpiresRow &row)
{
    return out << '[' << row.cache_control << "] " << static_cast<int>(row.expires);
}
const ExpiresRow kExpires[] = {
    {"", Expires::kFuture, kShared},
    {"", Expires::kPast, kMaybe},
    {"foo", Expires::kFuture, kShared},
    {"max-age=0", Expires::kFuture, kMaybe},  // an age comes before it
    {"s-maxage=0", Expires::kFuture, kMaybe},
    {"max-age=60", Expires::kPast, kShared},
    {"s-maxage=60", Expires::kPast, kShared},
    {"max-age", Expires::kFuture, kMaybe},
    {"private", Expires::kFuture, kNone},
    {"no-store", Expires::kFuture, kNone},
    {"public", Expires::kPast, kShared},
};

struct PrivateRow {
    std::string_view before, after;
};
std::ostream &operator<<(std::ostream &out, const PrivateRow &row)
{
    return out << '[' << test::printable(row.before) << ']';
}
const PrivateRow kPrivate[] = {
    {"", "private"},
    {"foo=\"a, public", "private, foo=\"a, public"},
    {",, ,", "private"},
    {"public", "private"},
    {"public, max-age=60", "private, max-age=60"},
    {"max-age=60, PUBLIC", "private, max-age=60"},
    {"s-maxage=5, max-age=60", "private, max-age=60"},
    {"S-MAXAGE = 5,Max-Age = 60", "private, Max-Age = 60"},
    {"public, public", "private"},
    {"private", "private"},
    {"private, max-age=60", "private, max-age=60"},
    {"private=\"X-A\", max-age=60", "private, max-age=60"},
    {"no-cache=\"X-A, X-B\",max-age=60", "private, no-cache=\"X-A, X-B\", max-age=60"},
    {"max-age=60,must-revalidate ,, foo=\"a, public, b\"",
     "private, max-age=60, must-revalidate, foo=\"a, public, b\""},
    {"publicly, xpublic, s-maxages=5", "private, publicly, xpublic, s-maxages=5"},
    {"foo=\"\\\"\", public", "private, foo=\"\\\"\""},
    {"foo=\"\\\", public, \\\"\"", "private, foo=\"\\\", public, \\\"\""},
};

Caching caching_of(std::string_view cache_control, std::uint32_t status = 302,
                   Expires expires = Expires::kNone, bool is_get_or_head = true)
{
    const test::Exact exact(cache_control);
    return persistence::caching_of({is_get_or_head, status, expires, exact});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(caching_test)

BOOST_DATA_TEST_CASE(cache_control_says_who_keeps_an_answer, kDirectives, row)
{
    BOOST_TEST(caching_of(row.cache_control) == row.caching);
}

BOOST_DATA_TEST_CASE(quotes_that_nobody_closes_end_with_the_line, kUnterminated, row)
{
    BOOST_TEST(caching_of(row.cache_control) == row.caching);
}

BOOST_DATA_TEST_CASE(expires_is_asked_where_no_age_is_given, kExpires, row)
{
    BOOST_TEST(caching_of(row.cache_control, 302, row.expires) == row.caching);
}

BOOST_AUTO_TEST_CASE(some_statuses_are_kept_though_nothing_says_so)
{
    std::string kept;
    for (std::uint32_t status = 100; status < 600; ++status)
        if (caching_of("", status) != kNone) {
            BOOST_TEST(caching_of("", status) == kMaybe);
            BOOST_TEST(caching_of("no-cache", status) == kMaybe);
            BOOST_TEST(caching_of("private", status) == kNone);
            kept += std::to_string(status) + ' ';
        }
    BOOST_TEST(kept == "200 203 204 206 300 301 308 404 405 410 414 501 ");  // RFC 9110 15.1
}

BOOST_AUTO_TEST_CASE(only_answers_to_get_and_head_are_kept)
{
    BOOST_TEST(caching_of("public, max-age=60", 200, Expires::kFuture, false) == kNone);
    BOOST_TEST(caching_of("public, max-age=60", 200, Expires::kFuture, true) == kShared);
}

BOOST_DATA_TEST_CASE(an_answer_is_made_private_and_nothing_contradicts, kPrivate, row)
{
    const test::Exact before(row.before);
    const auto after = test::written([&](auto &out) { persistence::write_private(out, before); });
    BOOST_TEST(after == row.after);
    BOOST_TEST(test::written([&](auto &out) { persistence::write_private(out, after); }) == after);
    BOOST_TEST(caching_of(after, 200, Expires::kFuture) == kNone);
}

BOOST_DATA_TEST_CASE(what_was_made_private_is_kept_by_nobody, kDirectives, row)
{
    const auto after =
        test::written([&](auto &out) { persistence::write_private(out, row.cache_control); });
    BOOST_TEST(caching_of(after, 200, Expires::kFuture) == kNone);
}

BOOST_AUTO_TEST_CASE(caching_is_told_without_asking_for_memory)
{
    const auto before = test::allocation_count();
    for (const auto &row : kDirectives)
        persistence::caching_of({true, 200, Expires::kNone, row.cache_control});
    BOOST_TEST(test::allocation_count() - before == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
