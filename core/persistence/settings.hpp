// SPDX-License-Identifier: Apache-2.0
//
// How one balancer keeps its clients: where a route is looked for, and what cookie says it.
#pragma once

#include <cstdint>
#include <string>

namespace stickybalancer::persistence {

enum class CookieMode : std::uint8_t { kOff = 0, kPassive = 1, kInsert = 2 };
enum class SecureMode : std::uint8_t { kAuto = 0, kOn = 1, kOff = 2 };

struct Settings {
    CookieMode mode = CookieMode::kOff;
    std::string cookie_name;    // empty: no cookie is read or set
    std::string url_parameter;  // empty: none is read
    char separator = '.';       // between what is ours or the application's, and the route; 0: none
    bool semicolon_ends_value = false;
    std::string cookie_attributes;  // what follows the value, all but Secure
    SecureMode secure = SecureMode::kAuto;
    std::int64_t max_age_s = 0;  // 0: until the browser closes

    bool reads_cookie() const noexcept { return mode != CookieMode::kOff && !cookie_name.empty(); }
    bool sets_cookie() const noexcept
    {
        return mode == CookieMode::kInsert && !cookie_name.empty();
    }
};

}  // namespace stickybalancer::persistence
