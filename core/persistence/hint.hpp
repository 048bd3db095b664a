// SPDX-License-Identifier: Apache-2.0
//
// All that a request says about the member it wants, brought to one answer: which member, on whose
// word.
//
// The administrator's word for the request goes first, then an operator's pin, unless the administrator has
// what clients send ignored. Without either,
// every cookie of our name is tried, then every path parameter, then every query parameter; the first
// value that names a member wins (cookie_value.hpp says how a value does). That the member can serve
// is not asked here (selection/pick.hpp).
//
// Thread safety: pure. Lifetime: `asked_route` and `session` point into the request.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/members/member_table.hpp"
#include "core/persistence/cookie_value.hpp"
#include "core/persistence/settings.hpp"

namespace stickybalancer::persistence {

enum class HintSource : std::uint8_t {
    kNone = 0,
    kCookie = 1,
    kPath = 2,
    kQuery = 3,
    kForced = 4,
    kTable = 5
};
enum class CookieState : char {
    kNone = 'N',
    kInvalid = 'I',
    kDown = 'D',
    kValid = 'V',
    kExpired = 'E',
    kOld = 'O',
    kUnused = 'U',
};

struct RequestText {
    std::string_view forced_route;  // the administrator's word for this request; empty: none
    std::string_view cookie_header;
    std::string_view path;
    std::string_view query;
    bool ignore_persistence = false;
    bool may_be_pinned = false;         // somebody may have a pin (pin.hpp)
    std::int64_t pins_made_from_s = 0;  // those that were made before were taken back
};

struct Hint {
    members::MemberIndex member =
        members::kNoMember;                   // the first with the route that was asked for
    HintSource source = HintSource::kNone;    // where the member was named
    std::string_view asked_route;             // what was asked for, a route of ours or not
    HintSource asked_in = HintSource::kNone;  // where
    // Of the value that named the member, what the application knows the client by; empty: the value is ours.
    std::string_view session;
    CookieState cookie = CookieState::kNone;
    CookieFault cookie_fault = CookieFault::kNone;  // of the first cookie that was refused
    CookieDates cookie_dates;         // of the cookie that named the member, or of the session
    bool is_cookie_outdated = false;  // it is to be written anew
};

Hint read_hint(const RequestText &request, const Settings &settings,
               const members::MemberTable &table, std::int64_t now_s) noexcept;

}  // namespace stickybalancer::persistence
