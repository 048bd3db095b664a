// SPDX-License-Identifier: Apache-2.0
//
// Builds the Set-Cookie value that binds a client to a member. The attributes that every response
// shares are made once, when the configuration is read. Source: RFC 6265 section 4.1, RFC 6265bis
// for SameSite.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bounded_writer.hpp"
#include "core/persistence/cookie_dates.hpp"
#include "core/persistence/settings.hpp"

namespace stickybalancer::persistence {

enum class SameSite : std::uint8_t { kOff = 0, kLax = 1, kStrict = 2, kNone = 3 };

struct CookieAttributes {
    std::string_view path;    // empty: none
    std::string_view domain;  // empty: none
    std::int64_t max_age_s = 0;
    bool http_only = true;
    SameSite same_site = SameSite::kLax;
    bool partitioned = false;
};

// "; path=/; HttpOnly; SameSite=Lax" and so on, all but Secure.
std::string cookie_attributes(const CookieAttributes &attributes);
// The same for a cookie that the browser is to forget.
std::string expiry_attributes(const CookieAttributes &attributes);

// May stand in a cookie's value: no control, space, quote, comma, semicolon or backslash (RFC
// 6265).
bool is_cookie_text(std::string_view text) noexcept;
// May be a cookie's name: a token (RFC 9110 section 5.6.2).
bool is_cookie_name(std::string_view text) noexcept;

// `dates`: known where the value has any. `client_is_secure`: the client's own request came over TLS.
void write_set_cookie(base::BoundedWriter &out, const Settings &settings, std::string_view route,
                      const CookieDates &dates, std::uint64_t salt, bool client_is_secure) noexcept;
void write_expiry(base::BoundedWriter &out, const Settings &settings,
                  bool client_is_secure) noexcept;

}  // namespace stickybalancer::persistence
