// SPDX-License-Identifier: Apache-2.0
//
// Cookie values by words. SIGNED is a signed token of route a under the key k1, OPAQUE an opaque one;
// with OLD in front under the key k0, with NOKEY under one that is not there, with FOREIGN of another
// balancer, with GONE of a route that nobody has; LONG is signed for kLongRoute.
#pragma once

#include <string>
#include <string_view>

#include "core/persistence/cookie_value.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/members.hpp"

namespace stickybalancer::test {

inline constexpr persistence::CookieDates kTokenDates{kNow_s - 100, kNow_s - 50};
// With a token in front of it, it is as long as an opaque token.
inline constexpr std::string_view kLongRoute = "nineteen-characters";

std::string signed_by(const persistence::TokenKeys &keys, std::string_view route = "a");
std::string opaque_by(const persistence::TokenKeys &keys, std::string_view route = "a");

std::string token_of(std::string_view word);
// `text` with its first word of three or more upper-case letters said as a token.
std::string spelled_out(std::string_view text);

// Members a and b, and one with the long route; keys k1 and k0.
struct ValueReader {
    Members members;
    persistence::Settings settings;

    ValueReader();
    std::string named(members::MemberIndex index);
    // Without what points into the value.
    persistence::CookieReading read(std::string_view value, std::int64_t now_s = kNow_s);
    std::string value_of(std::string_view route,
                         const persistence::CookieDates &dates = kTokenDates);
};

}  // namespace stickybalancer::test
