// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/cookie_value.hpp"

namespace stickybalancer::persistence {
namespace {

constexpr CookieFault fault_of(TokenFault fault) noexcept
{
    switch (fault) {
    case TokenFault::kNone: return CookieFault::kNone;
    case TokenFault::kMalformed: return CookieFault::kMalformed;
    case TokenFault::kUnknownKey: return CookieFault::kUnknownKey;
    case TokenFault::kForeign: return CookieFault::kForeign;
    case TokenFault::kForged: break;
    }
    return CookieFault::kForged;
}

bool has_signed_shape(std::string_view value, const Settings &settings) noexcept
{
    return value.size() > kSignedTokenSize && value[kSignedTokenSize] == settings.token_separator();
}

CookieReading reading_of(const Token &token, const RouteReading &asked,
                         bool is_of_our_seal) noexcept
{
    CookieReading reading{fault_of(token.fault), asked, token.dates,
                          !token.is_of_first_key || !is_of_our_seal};
    if (token.fault != TokenFault::kNone)
        reading.asked.member = members::kNoMember;
    else if (asked.member == members::kNoMember)
        reading.fault = CookieFault::kUnknownRoute;
    return reading;
}

CookieReading read_token(std::string_view value, const Settings &settings,
                         const members::MemberTable &table) noexcept
{
    if (value.size() == kOpaqueTokenSize)
        if (const auto token = settings.keys.open_opaque(value);
            token.fault != TokenFault::kMalformed)
            return reading_of(token, {table.first_with_digest(token.route_digest)},
                              settings.seal == Seal::kOpaque);
    if (!has_signed_shape(value, settings))
        return {CookieFault::kMalformed};
    const auto route = value.substr(kSignedTokenSize + 1);
    const auto token = settings.keys.open_signed(value.substr(0, kSignedTokenSize), route);
    return reading_of(token, {table.first_with_route(route), true, route, {}},
                      settings.seal == Seal::kSigned);
}

// ISSUED-SEEN.ROUTE, where the separator may be '-', and stand in the route, too.
CookieReading read_dated(std::string_view value, const Settings &settings,
                         const members::MemberTable &table) noexcept
{
    const auto dash = value.find('-');
    const auto end =
        dash == std::string_view::npos ? dash : value.find(settings.separator, dash + 1);
    if (end == std::string_view::npos)
        return {CookieFault::kUnknownRoute};
    const auto before = value.substr(0, end), route = value.substr(end + 1);
    const auto dates = parse_cookie_dates(before);
    const auto member = dates.is_known() ? table.first_with_route(route) : members::kNoMember;
    return {member == members::kNoMember ? CookieFault::kUnknownRoute : CookieFault::kNone,
            {member, true, route, before},
            dates};
}

CookieReading read_plain(std::string_view value, const Settings &settings,
                         const members::MemberTable &table) noexcept
{
    CookieReading reading;
    if (settings.separator == '-' && settings.mode != CookieMode::kPrefix)
        if (const auto dated = read_dated(value, settings, table);
            dated.fault == CookieFault::kNone)
            return dated;
    if (settings.mode == CookieMode::kPrefix)
        reading.asked = {table.first_with_route(value), true, value, {}};
    else
        reading.asked = read_route(value, settings.separator, table);
    if (reading.asked.member == members::kNoMember)
        reading.fault = CookieFault::kUnknownRoute;
    else
        reading.dates = parse_cookie_dates(reading.asked.before);
    return reading;
}

// A value on a sealed balancer that is no token.
CookieReading read_unsealed(std::string_view value, const Settings &settings,
                            const members::MemberTable &table) noexcept
{
    auto plain = read_plain(value, settings, table);
    const bool is_plain =
        plain.fault == CookieFault::kNone && (plain.asked.before.empty() || plain.dates.is_known());
    plain.is_outdated = true;
    if (settings.accepts_plain && plain.fault == CookieFault::kNone)
        return plain;
    plain.fault = is_plain ? CookieFault::kPlain : CookieFault::kMalformed;
    plain.asked.member = members::kNoMember;
    return plain;
}

CookieReading read_sealed(std::string_view value, const Settings &settings,
                          const members::MemberTable &table) noexcept
{
    const auto reading = read_token(value, settings, table);
    return reading.fault == CookieFault::kMalformed ? read_unsealed(value, settings, table)
                                                    : reading;
}

constexpr CookieFault fault_of(CookieAge age) noexcept
{
    switch (age) {
    case CookieAge::kIdleTooLong: return CookieFault::kExpired;
    case CookieAge::kTooOld: return CookieFault::kOld;
    case CookieAge::kGood: break;
    }
    return CookieFault::kNone;
}

}  // namespace

RouteReading read_route(std::string_view value, char separator,
                        const members::MemberTable &table) noexcept
{
    if (separator == 0)
        return {table.first_with_route(value), true, value, {}};
    const auto first = value.find(separator);
    if (first == std::string_view::npos) {  // in vain: httpd sees no route in it
        const auto member = table.first_with_route(value);
        return {member, member != members::kNoMember, value, {}};
    }
    RouteReading reading{members::kNoMember, true, value.substr(first + 1), value.substr(0, first)};
    reading.member = table.first_with_route(reading.route);
    if (reading.member != members::kNoMember)
        return reading;
    const auto last = value.rfind(separator);
    const auto member =
        last == first ? members::kNoMember : table.first_with_route(value.substr(last + 1));
    return member == members::kNoMember
               ? reading
               : RouteReading{member, true, value.substr(last + 1), value.substr(0, last)};
}

CookieReading read_cookie_value(std::string_view value, const Settings &settings,
                                const members::MemberTable &table, std::int64_t now_s) noexcept
{
    if (settings.mode == CookieMode::kPrefix) {
        value = find_prefix(value);
        if (value.data() == nullptr)
            return {CookieFault::kUnknownRoute};
    }
    auto reading = settings.is_sealed() ? read_sealed(value, settings, table)
                                        : read_plain(value, settings, table);
    if (reading.fault == CookieFault::kNone)
        reading.fault = fault_of(age_of(reading.dates, settings.limits, now_s));
    return reading;
}

std::string_view find_prefix(std::string_view value) noexcept
{
    if (value.starts_with('"'))
        value.remove_prefix(1);
    const auto end = value.find(kPrefixEnd);
    return end == std::string_view::npos ? std::string_view() : value.substr(0, end);
}

bool may_be_our_prefix(std::string_view prefix, const Settings &settings) noexcept
{
    return !settings.is_sealed() || settings.accepts_plain || prefix.size() == kOpaqueTokenSize ||
           has_signed_shape(prefix, settings);
}

void write_cookie_value(base::BoundedWriter &out, const Settings &settings, std::string_view route,
                        const CookieDates &dates, std::uint64_t salt) noexcept
{
    if (settings.seal == Seal::kOpaque) {
        settings.keys.write_opaque(out, members::route_digest(route), dates, salt);
        return;
    }
    const auto write_character = [&out](char c) {
        if (c != 0)
            out << std::string_view(&c, 1);
    };
    if (settings.seal == Seal::kSigned) {
        settings.keys.write_signed(out, route, dates);
        write_character(settings.token_separator());
    } else if (settings.mode != CookieMode::kPrefix) {
        if (dates.is_known())
            write_cookie_dates(out, dates);
        write_character(settings.separator);
    }
    out << route;
}

}  // namespace stickybalancer::persistence
