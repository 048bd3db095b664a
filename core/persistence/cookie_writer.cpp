// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/cookie_writer.hpp"

#include <algorithm>

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

}  // namespace

std::string cookie_attributes(const CookieAttributes &attributes)
{
    std::string text;
    const auto add = [&text](std::string_view name, std::string_view value) {
        text.append("; ").append(name).append(value);
    };
    if (!attributes.path.empty())
        add("path=", attributes.path);
    if (!attributes.domain.empty())
        add("domain=", attributes.domain);
    if (attributes.max_age_s > 0)
        add("Max-Age=", std::to_string(attributes.max_age_s));
    if (attributes.http_only)
        add("HttpOnly", "");
    if (attributes.same_site != SameSite::kOff)
        add("SameSite=", name_of(attributes.same_site));
    return text;
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
                      const CookieDates &dates, bool client_is_secure) noexcept
{
    out << settings.cookie_name << "=";
    if (dates.is_known())
        write_cookie_dates(out, dates);
    if (settings.separator != 0)
        out << std::string_view(&settings.separator, 1);
    out << route << settings.cookie_attributes;
    if (settings.secure == SecureMode::kOn ||
        (settings.secure == SecureMode::kAuto && client_is_secure))
        out << "; Secure";
}

}  // namespace stickybalancer::persistence
