// SPDX-License-Identifier: Apache-2.0
//
// What the value of our cookie says, and how it is said.
//
//   plain   .ROUTE, or ISSUED-SEEN.ROUTE       signed  TOKEN.ROUTE       opaque  TOKEN
//   in front of an application's value, '~' between: ROUTE, TOKEN.ROUTE, TOKEN
//
// A plain value names a member if what follows its first separator is a route of the balancer, else
// what follows the last; a value without a separator is the route itself. A sealed balancer opens
// signed and opaque tokens alike, so that the seal can be changed without losing a client.
//
// Thread safety: pure. Lifetime: text that is returned points into the value.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bounded_writer.hpp"
#include "core/members/member_table.hpp"
#include "core/persistence/settings.hpp"

namespace stickybalancer::persistence {

// Why a value is as good as none.
enum class CookieFault : std::uint8_t {
    kNone = 0,
    kUnknownRoute = 1,  // it names no member of the balancer
    kPlain = 2,         // it has no seal, and must have one
    kMalformed = 3,     // it is no token, or not a whole one
    kUnknownKey = 4,    // the key of its token is not in the file, or no longer
    kForeign = 5,       // its token was made for another balancer
    kForged = 6,        // its token was not made with the key that it names, or was changed
    kExpired = 7,       // not seen for too long
    kOld = 8,           // first issued too long ago
};
inline constexpr std::uint32_t kCookieFaultCount = 9;

// What a plain value asks for.
struct RouteReading {
    members::MemberIndex member = members::kNoMember;
    bool has_route = false;        // it asks for one, ours or not
    std::string_view route = {};   // which
    std::string_view before = {};  // what stands before the separator
};
RouteReading read_route(std::string_view value, char separator,
                        const members::MemberTable &table) noexcept;

struct CookieReading {
    CookieFault fault = CookieFault::kNone;
    RouteReading asked = {};  // an opaque token asks for a member, and shows no route
    CookieDates dates = {};
    bool is_outdated = false;  // honoured, but we would write it otherwise today: seal, key
};
CookieReading read_cookie_value(std::string_view value, const Settings &settings,
                                const members::MemberTable &table, std::int64_t now_s) noexcept;

// What stands before the first '~' of an application's value, and behind its quote; null data: it has
// no '~'.
std::string_view find_prefix(std::string_view value) noexcept;
// Whether that may be ours. Where values are sealed, only what looks like a token: an application's own
// '~' is left to it.
bool may_be_our_prefix(std::string_view prefix, const Settings &settings) noexcept;

// `salt`: another one for each opaque value.
void write_cookie_value(base::BoundedWriter &out, const Settings &settings, std::string_view route,
                        const CookieDates &dates, std::uint64_t salt) noexcept;

}  // namespace stickybalancer::persistence
