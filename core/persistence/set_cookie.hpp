// SPDX-License-Identifier: Apache-2.0
//
// A Set-Cookie line of the application: whether it is of our name, and how it goes to the client where
// we put our value in the place of its own, or in front of it. What else stands in the line is copied
// byte by byte. Lines are read as browsers read them (RFC 6265 section 5.2), but that a quoted value
// may have a ';' in it.
//
// Cost: one pass over the line. No allocation. Thread safety: pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bounded_writer.hpp"
#include "core/persistence/settings.hpp"

namespace stickybalancer::persistence {

bool sets_cookie_named(std::string_view line, std::string_view name) noexcept;

// What a line says of the cookie that it sets.
struct CookieSet {
    std::string_view
        value;  // as CookieReader finds it once the browser brings it back; may be empty
    std::string_view expires;  // the date in force; empty: there is none, or Max-Age goes before it
    bool ends = false;  // the browser forgets the cookie: it is empty, or its Max-Age is over
};

// The line is of this name.
CookieSet read_cookie_set(std::string_view line, std::string_view name) noexcept;

// The line is of our name, and settings.edits_cookie(). A quoted value takes our prefix inside its
// quotes; an empty one and one that expires at once are treated as all others.
void write_edited_cookie(base::BoundedWriter &out, std::string_view line, const Settings &settings,
                         std::string_view route, const CookieDates &dates,
                         std::uint64_t salt) noexcept;

}  // namespace stickybalancer::persistence
