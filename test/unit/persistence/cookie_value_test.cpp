// SPDX-License-Identifier: Apache-2.0
//
// Values and what they say. Those in front of an application's value are in prefix_value_test.cpp.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/cookie_value.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/cookie_values.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using namespace std::string_view_literals;
using persistence::CookieDates;
using persistence::CookieFault;
using persistence::CookieMode;
using persistence::Seal;

namespace {

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

// On a balancer whose seal is signed.
const Row kSealed[] = {
    {"SIGNED.a", "a"},
    {"LONG.nineteen-characters", "long"},
    {"OLDSIGNED.a", "a", CookieFault::kNone, true},
    {"OPAQUE", "a", CookieFault::kNone, true},  // until a short while ago the seal was opaque
    {"OLDOPAQUE", "a", CookieFault::kNone, true},
    {"GONESIGNED.gone", "", kUnknownRoute},
    {"GONEOPAQUE", "", kUnknownRoute},
    {"NOKEYSIGNED.a", "", CookieFault::kUnknownKey},
    {"NOKEYOPAQUE", "", CookieFault::kUnknownKey},
    {"FOREIGNSIGNED.a", "", CookieFault::kForeign},
    {"FOREIGNOPAQUE", "", CookieFault::kForeign},
    {"SIGNED.b", "", CookieFault::kForged},
    {"SIGNED.", "", CookieFault::kForged},
    {"SIGNED.aa", "", CookieFault::kForged},
    {"SIGNED..a", "", CookieFault::kForged},
    {"GONESIGNED.a", "", CookieFault::kForged},
    {"SIGNED.a.b", "", CookieFault::kForged},
    {".a", "", kPlain},
    {"a", "", kPlain},
    {"s44we8-s44we8.a", "", kPlain},
    {"SIGNED", "", kMalformed},
    {"SIGNED!a", "", kMalformed},
    {"SIGNEDx.a", "", kMalformed},
    {"xSIGNED.a", "", kMalformed},
    {"OPAQUE.a", "", kMalformed},
    {"OPAQUEx", "", kMalformed},
    {"session.a", "", kMalformed},
    {".gone", "", kMalformed},
    {"gone", "", kMalformed},
    {".", "", kMalformed},
};

// The same, where plain values are honoured too.
const Row kAcceptPlain[] = {
    {"SIGNED.a", "a"},
    {".a", "a", CookieFault::kNone, true},
    {"a", "a", CookieFault::kNone, true},
    {"s44we8-s44we8.b", "b", CookieFault::kNone, true},
    {"session.a", "a", CookieFault::kNone, true},
    {"SIGNED.b", "", CookieFault::kForged},  // it says that it is sealed
    {"NOKEYSIGNED.a", "", CookieFault::kUnknownKey},
    {"FOREIGNOPAQUE", "", CookieFault::kForeign},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cookie_value_test, ValueReader)

BOOST_DATA_TEST_CASE_F(ValueReader, a_sealed_value_is_opened_or_it_is_said_why_not, kSealed, row)
{
    settings.seal = Seal::kSigned;
    const auto reading = read(spelled_out(row.value));
    BOOST_TEST(named(reading.asked.member) == row.member);
    BOOST_TEST(reading.fault == row.fault);
    if (row.fault == CookieFault::kNone) {
        BOOST_TEST(reading.is_outdated == row.is_outdated);
        BOOST_TEST(reading.dates == kTokenDates);
    }
}

BOOST_DATA_TEST_CASE_F(ValueReader, plain_values_are_honoured_where_they_are_accepted, kAcceptPlain,
                       row)
{
    settings.seal = Seal::kSigned;
    settings.accepts_plain = true;
    const auto reading = read(spelled_out(row.value));
    BOOST_TEST(named(reading.asked.member) == row.member);
    BOOST_TEST(reading.fault == row.fault);
    if (row.fault == CookieFault::kNone)
        BOOST_TEST(reading.is_outdated == row.is_outdated);
    BOOST_TEST(read(".gone").fault != CookieFault::kNone);
}

BOOST_AUTO_TEST_CASE(on_an_opaque_balancer_signed_values_are_the_outdated_ones)
{
    settings.seal = Seal::kOpaque;
    BOOST_TEST(!read(token_of("OPAQUE")).is_outdated);
    BOOST_TEST(read(token_of("OLDOPAQUE")).is_outdated);
    BOOST_TEST(read(token_of("SIGNED") + ".a").is_outdated);
    BOOST_TEST(read(token_of("SIGNED") + ".a").fault == CookieFault::kNone);
    BOOST_TEST(read(".a").fault == kPlain);
}

BOOST_AUTO_TEST_CASE(on_a_plain_balancer_a_token_is_only_what_stands_before_the_route)
{
    BOOST_TEST(named(read(token_of("SIGNED") + ".b").asked.member) == "b");
    BOOST_TEST(!read(token_of("SIGNED") + ".b").dates.is_known());
    BOOST_TEST(read(token_of("OPAQUE")).fault == kUnknownRoute);
    BOOST_TEST(!read(".a").is_outdated);
}

BOOST_AUTO_TEST_CASE(a_separator_that_tokens_are_made_of_is_as_good)
{
    settings.seal = Seal::kSigned;
    settings.separator = '-';
    for (const auto *route : {"a", "nineteen-characters"}) {
        const auto reading = read(value_of(route));
        BOOST_TEST(reading.fault == CookieFault::kNone);
        BOOST_TEST(named(reading.asked.member) == (route == "a"sv ? "a" : "long"));
    }
}

BOOST_AUTO_TEST_CASE(what_a_value_asked_for_is_told_and_an_opaque_one_shows_nothing)
{
    const auto asked = [this](std::string_view value) {
        const auto reading = read_cookie_value(value, settings, members.table(), kNow_s).asked;
        return reading.has_route ? std::string(reading.route) : "(none)";
    };
    BOOST_TEST(asked(".gone") == "gone");
    BOOST_TEST(asked("gone") == "(none)");
    settings.seal = Seal::kOpaque;
    for (const auto &keys : {keys_of({"k1"}), keys_of({"k9"})}) {
        BOOST_TEST(asked(signed_by(keys) + ".a") == "a");
        BOOST_TEST(asked(opaque_by(keys)) == "(none)");
    }
    BOOST_TEST(asked(token_of("GONESIGNED") + ".gone") == "gone");
    BOOST_TEST(asked(token_of("SIGNED") + ".gone") == "gone");
    BOOST_TEST(asked(".a") == "a");
}

BOOST_AUTO_TEST_CASE(a_value_that_is_too_old_says_so_whatever_its_seal)
{
    for (const auto seal : {Seal::kPlain, Seal::kSigned, Seal::kOpaque}) {
        settings.seal = seal;
        settings.limits = {60, 0};
        const auto value = value_of("a", {kNow_s - 100, kNow_s});
        BOOST_TEST(read(value, kNow_s + 60).fault == CookieFault::kNone);
        BOOST_TEST(read(value, kNow_s + 61).fault == CookieFault::kExpired);
        settings.limits = {60, 120};
        BOOST_TEST(read(value, kNow_s + 20).fault == CookieFault::kNone);
        BOOST_TEST(read(value, kNow_s + 21).fault == CookieFault::kOld);
    }
    BOOST_TEST(read(".a").fault == kPlain);
    settings.accepts_plain = true;
    BOOST_TEST(read(".a").fault == CookieFault::kOld);
    settings.limits.life_s = 0;
    BOOST_TEST(read(".a").fault == CookieFault::kNone);
}

BOOST_AUTO_TEST_CASE(each_seal_writes_a_value_that_it_reads_again)
{
    for (const auto mode : {CookieMode::kInsert, CookieMode::kRewrite, CookieMode::kPrefix})
        for (const auto seal : {Seal::kPlain, Seal::kSigned, Seal::kOpaque}) {
            settings.mode = mode;
            settings.seal = seal;
            const bool is_prefix = mode == CookieMode::kPrefix;
            const auto reading = read(value_of("b") + (is_prefix ? "~1" : ""));
            BOOST_TEST(reading.fault == CookieFault::kNone);
            BOOST_TEST(named(reading.asked.member) == "b");
            BOOST_TEST(!reading.is_outdated);
            BOOST_TEST(reading.dates.is_known() == !(is_prefix && seal == Seal::kPlain));
        }
}

BOOST_AUTO_TEST_CASE(a_value_is_written_as_its_mode_and_seal_say)
{
    BOOST_TEST(value_of("a", {}) == ".a");
    BOOST_TEST(value_of("a", {1, 36}) == "1-10.a");
    settings.separator = 0;
    BOOST_TEST(value_of("a", {}) == "a");
    settings.mode = CookieMode::kPrefix;
    BOOST_TEST(value_of("a", {1, 36}) == "a");
    settings.separator = '.';
    BOOST_TEST(value_of("a", {1, 36}) == "a");
    settings.seal = Seal::kSigned;
    BOOST_TEST(value_of("a") == token_of("SIGNED") + ".a");
    settings.seal = Seal::kOpaque;
    BOOST_TEST(value_of("a") == token_of("OPAQUE"));
    settings.mode = CookieMode::kInsert;
    BOOST_TEST(value_of("a") == token_of("OPAQUE"));
}

BOOST_AUTO_TEST_CASE(values_are_read_and_written_without_asking_for_memory)
{
    const auto table = members.table();
    const auto signed_value = token_of("SIGNED") + ".a", opaque_value = token_of("OPAQUE");
    char text[256];
    const auto before = allocation_count();
    for (const auto seal : {Seal::kPlain, Seal::kSigned, Seal::kOpaque}) {
        settings.seal = seal;
        base::BoundedWriter out(text);
        write_cookie_value(out, settings, "a", kTokenDates, 1);
        for (const auto &value :
             {std::string_view(signed_value), std::string_view(opaque_value), ".a"sv})
            read_cookie_value(value, settings, table, kNow_s);
    }
    BOOST_TEST(allocation_count() - before == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
