// SPDX-License-Identifier: Apache-2.0
//
// Our part of a value in front of an application's.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/cookie_value.hpp"
#include "test/unit/support/cookie_values.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using namespace std::string_view_literals;
using persistence::CookieFault;
using persistence::CookieMode;
using persistence::Seal;

namespace {

struct PrefixReader : ValueReader {
    PrefixReader() { settings.mode = CookieMode::kPrefix; }
};

struct Row {
    std::string_view value, member;
    CookieFault fault = CookieFault::kNone;
    bool is_outdated = false;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << printable(row.value) << ']';
}

constexpr auto kUnknownRoute = CookieFault::kUnknownRoute, kPlain = CookieFault::kPlain,
               kMalformed = CookieFault::kMalformed;

// In front of an application's value, on a plain balancer and on a sealed one.
const Row kPlainPrefix[] = {
    {"a~1", "a"},
    {"a~", "a"},
    {"\"a~1", "a"},
    {"a~b~1", "a"},
    {"gone~1", "", kUnknownRoute},
    {"~a", "", kUnknownRoute},
    {"a", "", kUnknownRoute},
    {".a~1", "", kUnknownRoute},
    {"1-1.a~1", "", kUnknownRoute},
    {"", "", kUnknownRoute},
    {"aa~1", "", kUnknownRoute},
    {"\"\"a~1", "", kUnknownRoute},
};
const Row kSealedPrefix[] = {
    {"SIGNED.a~1", "a"},
    {"\"SIGNED.a~1", "a"},
    {"OPAQUE~1", "a", CookieFault::kNone, true},
    {"SIGNED.b~1", "", CookieFault::kForged},
    {"SIGNED.a", "", kUnknownRoute},
    {"SIGNED~1", "", kMalformed},
    {"a~1", "", kPlain},
    {"gone~1", "", kMalformed},
    {"1~SIGNED.a", "", kMalformed},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(prefix_value_test, PrefixReader)

BOOST_DATA_TEST_CASE_F(PrefixReader, a_plain_prefix_is_the_route_alone, kPlainPrefix, row)
{
    const auto reading = read(row.value);
    BOOST_TEST(named(reading.asked.member) == row.member);
    BOOST_TEST(reading.fault == row.fault);
    BOOST_TEST(!reading.dates.is_known());
}

BOOST_DATA_TEST_CASE_F(PrefixReader, a_sealed_prefix_is_a_token, kSealedPrefix, row)
{
    settings.seal = Seal::kSigned;
    const auto reading = read(spelled_out(row.value));
    BOOST_TEST(named(reading.asked.member) == row.member);
    BOOST_TEST(reading.fault == row.fault);
    settings.accepts_plain = true;
    BOOST_TEST(named(read("b~1").asked.member) == "b");
}

BOOST_AUTO_TEST_CASE(a_prefix_ends_at_the_first_tilde_and_begins_behind_a_quote)
{
    using persistence::find_prefix;
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"a~1", "a"}, {"a~b~1", "a"}, {"~1", ""}, {"~", ""}, {"\"a~1\"", "a"}, {"\"~", ""}};
    for (const auto &[value, prefix] : rows) {
        BOOST_TEST(find_prefix(value) == prefix);
        BOOST_TEST(find_prefix(value).data() != nullptr);
        BOOST_TEST((find_prefix(value).data() == value.data() + (value[0] == '"' ? 1 : 0)));
    }
    for (const auto none : {""sv, "a"sv, "\""sv, "\"a\""sv})
        BOOST_TEST((find_prefix(Exact(none)).data() == nullptr));
}

BOOST_AUTO_TEST_CASE(a_prefix_may_be_ours_by_its_looks)
{
    const auto token = std::string(60, 'x'), signed_prefix = std::string(40, 'x') + ".a";
    const auto may_be_ours = [this](std::string_view prefix) {
        return persistence::may_be_our_prefix(Exact(prefix), settings);
    };
    for (const auto *prefix : {"", "a", ".a"})
        BOOST_TEST(may_be_ours(prefix));
    settings.seal = Seal::kOpaque;
    for (const auto &prefix : {token, signed_prefix, std::string(40, 'x') + "."})
        BOOST_TEST(may_be_ours(prefix));
    for (const auto &prefix :
         {std::string(), std::string("a"), token + "x", std::string(59, 'x'), std::string(40, 'x'),
          std::string(40, 'x') + "!a", std::string(39, 'x') + ".a", std::string(41, 'x') + ".a"})
        BOOST_TEST(!may_be_ours(prefix));
    settings.accepts_plain = true;
    BOOST_TEST(may_be_ours("a"));
}

// httpd's separator is for whole values, and might be what ends a prefix.
BOOST_AUTO_TEST_CASE(a_prefix_is_written_and_read_whatever_the_separator_of_values)
{
    for (const char separator : {'.', '~', '-', 'a', '\0'})
        for (const auto seal : {Seal::kPlain, Seal::kSigned, Seal::kOpaque}) {
            settings.separator = separator;
            settings.seal = seal;
            for (const auto *route : {"a", "nineteen-characters"}) {
                const auto reading = read(value_of(route) + "~1");
                BOOST_TEST(reading.fault == CookieFault::kNone);
                BOOST_TEST(named(reading.asked.member) == (route == "a"sv ? "a" : "long"));
                BOOST_TEST(persistence::may_be_our_prefix(value_of(route), settings));
            }
        }
}

BOOST_AUTO_TEST_SUITE_END()
