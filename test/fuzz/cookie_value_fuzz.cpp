// SPDX-License-Identifier: Apache-2.0
//
// Input: two bytes of settings, one for the time, one for a route, then a value (input.hpp says what
// its control bytes are).
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/persistence/cookie_value.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using fuzz::table;
using persistence::CookieDates;
using persistence::CookieFault;
using persistence::CookieMode;
using persistence::CookieReading;
using persistence::Seal;
using persistence::Settings;

namespace {

bool is_prefix_mode(const Settings &settings) { return settings.mode == CookieMode::kPrefix; }

std::string value_of(const Settings &settings, std::string_view route, const CookieDates &dates)
{
    return test::written(
        [&](auto &out) { persistence::write_cookie_value(out, settings, route, dates, 11); });
}

bool is_same(const CookieReading &a, const CookieReading &b)
{
    return a.fault == b.fault && a.asked.member == b.asked.member &&
           a.asked.has_route == b.asked.has_route && a.asked.route == b.asked.route &&
           a.dates.issued_s == b.dates.issued_s && a.dates.seen_s == b.dates.seen_s &&
           a.is_outdated == b.is_outdated;
}

// By its own words; what is not honoured for its age does name a member.
void check_member(const CookieReading &reading, std::string_view value)
{
    const auto &asked = reading.asked;
    const bool has_member = asked.member != members::kNoMember;
    SB_REQUIRE(has_member ==
               (reading.fault == CookieFault::kNone || reading.fault == CookieFault::kExpired ||
                reading.fault == CookieFault::kOld));
    SB_REQUIRE(fuzz::is_inside(asked.route, value) && fuzz::is_inside(asked.before, value));
    if (!has_member)
        return;
    SB_REQUIRE(asked.member < table().all().size());
    const auto &route = table()[asked.member].route;
    SB_REQUIRE(!route.empty() && table().first_with_route(route) == asked.member);
    SB_REQUIRE(asked.has_route ? asked.route == route
                               : value.size() >= persistence::kOpaqueTokenSize);
}

void check_age(const CookieReading &reading, const Settings &settings, std::int64_t now_s)
{
    using persistence::CookieAge;
    if (reading.asked.member == members::kNoMember)
        return;
    const auto age = persistence::age_of(reading.dates, settings.limits, now_s);
    SB_REQUIRE((reading.fault == CookieFault::kNone) == (age == CookieAge::kGood));
    SB_REQUIRE((reading.fault == CookieFault::kExpired) == (age == CookieAge::kIdleTooLong));
    SB_REQUIRE((reading.fault == CookieFault::kOld) == (age == CookieAge::kTooOld));
}

// `ours`: the part of the value that may be ours.
void check_seal(const CookieReading &reading, std::string_view ours, const Settings &settings)
{
    const bool is_honoured = reading.fault == CookieFault::kNone;
    if (!settings.is_sealed()) {
        SB_REQUIRE(reading.fault == CookieFault::kNone ||
                   reading.fault == CookieFault::kUnknownRoute ||
                   reading.fault == CookieFault::kExpired || reading.fault == CookieFault::kOld);
        SB_REQUIRE(!reading.is_outdated);
        return;
    }
    if (is_honoured && !reading.is_outdated) {
        SB_REQUIRE(reading.asked.has_route == (settings.seal == Seal::kSigned));
        if (settings.seal == Seal::kSigned)
            SB_REQUIRE(value_of(settings, reading.asked.route, reading.dates) == ours);
    }
    if (settings.accepts_plain)
        SB_REQUIRE(reading.fault != CookieFault::kPlain);
    else if (is_honoured)
        SB_REQUIRE(reading.asked.has_route ? ours.size() > persistence::kSignedTokenSize
                                           : ours.size() == persistence::kOpaqueTokenSize);
}

void check_prefix(const CookieReading &reading, std::string_view value, const Settings &settings,
                  std::int64_t now_s)
{
    const auto quote = value.starts_with('"') ? 1U : 0U;
    const auto end = value.find('~', quote);
    const auto prefix = persistence::find_prefix(value);
    SB_REQUIRE((prefix.data() == nullptr) == (end == std::string_view::npos));
    if (end == std::string_view::npos) {
        SB_REQUIRE(reading.fault == CookieFault::kUnknownRoute && !reading.asked.has_route);
        return;
    }
    SB_REQUIRE(prefix == value.substr(quote, end - quote));
    // What is honoured is taken off again, too.
    if (reading.fault == CookieFault::kNone)
        SB_REQUIRE(persistence::may_be_our_prefix(prefix, settings));
    // The application's part changes nothing, and neither does its quote.
    for (const std::string_view before : {"", "\""})
        for (const std::string_view behind : {"~", "~~", "~\"", "~.a~b"}) {
            if (before.empty() && prefix.starts_with('"'))
                continue;
            const auto other = std::string(before) + std::string(prefix) + std::string(behind);
            SB_REQUIRE(
                is_same(reading, persistence::read_cookie_value(other, settings, table(), now_s)));
        }
}

void check_value(std::string_view value, const Settings &settings, std::int64_t now_s)
{
    const auto reading = persistence::read_cookie_value(value, settings, table(), now_s);
    check_member(reading, value);
    check_age(reading, settings, now_s);
    check_seal(reading, is_prefix_mode(settings) ? persistence::find_prefix(value) : value,
               settings);
    if (is_prefix_mode(settings))
        check_prefix(reading, value, settings, now_s);
    if (reading.fault == CookieFault::kPlain) {
        auto unsealed = settings;
        unsealed.seal = Seal::kPlain;
        unsealed.limits = {};
        SB_REQUIRE(persistence::read_cookie_value(value, unsealed, table(), now_s).fault ==
                   CookieFault::kNone);
    }
}

// What `writer` has written is honoured by `reader`.
void check_written(const Settings &writer, const Settings &reader, std::string_view route,
                   std::string_view behind, bool is_outdated)
{
    CookieDates dates;
    if (writer.writes_dates())
        dates = {fuzz::kNow_s - 2 * fuzz::kDay_s, fuzz::kNow_s - 60};
    auto value = value_of(writer, route, dates);
    if (is_prefix_mode(writer))
        (value += '~') += behind;
    const auto reading = persistence::read_cookie_value(value, reader, table(), fuzz::kNow_s);
    SB_REQUIRE(reading.fault == CookieFault::kNone);
    SB_REQUIRE(reading.asked.member == table().first_with_route(route));
    SB_REQUIRE(reading.asked.has_route == (writer.seal != Seal::kOpaque));
    SB_REQUIRE(reading.dates.issued_s == dates.issued_s && reading.dates.seen_s == dates.seen_s);
    SB_REQUIRE(reading.is_outdated == is_outdated);
}

void check_round_trips(const Settings &settings, std::string_view route, std::string_view behind)
{
    check_written(settings, settings, route, behind, false);
    if (!settings.is_sealed())
        return;
    auto older = settings;
    older.keys = fuzz::older_keys();
    check_written(older, settings, route, behind, true);
    auto other = settings;
    other.seal = settings.seal == Seal::kSigned ? Seal::kOpaque : Seal::kSigned;
    if (other.token_separator() != 0)
        check_written(other, settings, route, behind, true);
    auto plain = settings;
    plain.seal = Seal::kPlain;
    // One that the configuration check lets through, and an administrator may have had.
    if (settings.accepts_plain && !settings.limits.any() && settings.max_age_s == 0)
        check_written(plain, settings, route, behind, true);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const auto settings = fuzz::settings_of(input.number(2));
    const auto now_s = fuzz::kNow_s + (std::int64_t{input.byte()} - 128) * 36000;
    const auto route = fuzz::route_of(input.byte());
    const auto value = fuzz::with_tokens(input.rest());
    // At its exact size, so that a sanitizer sees one byte too many.
    const std::vector<char> exact(value.begin(), value.end());
    check_value({exact.data(), exact.size()}, settings, now_s);
    if (!route.empty())
        check_round_trips(settings, route, value);
    return 0;
}
