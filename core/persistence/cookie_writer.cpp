// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/cookie_writer.hpp"

#include <algorithm>

#include "core/persistence/cookie_value.hpp"

namespace stickybalancer::persistence {
namespace {

constexpr std::string_view name_of(SameSite same_site) noexcept
{
    switch (same_site) {
    case SameSite::kLax: return "Lax";
    case SameSite::kStrict: return "Strict";
    case SameSite::kNone: return "None";
    case SameSite::kOff: break;
    }
    return "";
}

bool is_visible(unsigned char c) noexcept { return c > 0x20 && c < 0x7F; }

// A day in the past, for browsers that do not know Max-Age.
constexpr std::string_view kPast = "Thu, 01 Jan 1970 00:00:01 GMT";

std::string attributes_text(const CookieAttributes &attributes, bool is_expiry)
{
    std::string text;
    const auto add = [&text](std::string_view name, std::string_view value) {
        text.append("; ").append(name).append(value);
    };
    if (!attributes.path.empty())
        add("path=", attributes.path);
    if (!attributes.domain.empty())
        add("domain=", attributes.domain);
    if (is_expiry) {
        add("Expires=", kPast);
        add("Max-Age=", "0");
    } else if (attributes.max_age_s > 0) {
        add("Max-Age=", std::to_string(attributes.max_age_s));
    }
    if (attributes.http_only)
        add("HttpOnly", "");
    if (attributes.same_site != SameSite::kOff)
        add("SameSite=", name_of(attributes.same_site));
    if (attributes.partitioned)
        add("Partitioned", "");
    return text;
}

void write_secure(base::BoundedWriter &out, SecureMode mode, bool client_is_secure) noexcept
{
    if (mode == SecureMode::kOn || (mode == SecureMode::kAuto && client_is_secure))
        out << "; Secure";
}

}  // namespace

std::string cookie_attributes(const CookieAttributes &attributes)
{
    return attributes_text(attributes, false);
}

std::string expiry_attributes(const CookieAttributes &attributes)
{
    return attributes_text(attributes, true);
}

bool is_cookie_text(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_visible(static_cast<unsigned char>(c)) &&
               std::string_view("\",;\\").find(c) == std::string_view::npos;
    });
}

bool is_cookie_name(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_visible(static_cast<unsigned char>(c)) &&
               std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
    });
}

void write_set_cookie(base::BoundedWriter &out, const Settings &settings, std::string_view route,
                      const CookieDates &dates, std::uint64_t salt, bool client_is_secure) noexcept
{
    out << settings.cookie_name << "=";
    write_cookie_value(out, settings, route, dates, salt);
    out << settings.cookie_attributes;
    write_secure(out, settings.secure, client_is_secure);
}

void write_expiry(base::BoundedWriter &out, const Settings &settings,
                  bool client_is_secure) noexcept
{
    out << settings.cookie_name << "=" << settings.expiry_attributes;
    write_secure(out, settings.secure, client_is_secure);
}

}  // namespace stickybalancer::persistence
