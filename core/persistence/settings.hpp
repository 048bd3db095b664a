// SPDX-License-Identifier: Apache-2.0
//
// How one balancer keeps its clients: where a route is looked for, and what cookie says it.
#pragma once

#include <cstdint>
#include <string>

#include "core/persistence/cookie_dates.hpp"
#include "core/persistence/pin.hpp"
#include "core/persistence/token.hpp"

namespace stickybalancer::persistence {

enum class CookieMode : std::uint8_t {
    kOff = 0,
    kPassive = 1,  // somebody else sets the cookie
    kInsert = 2,   // we set it
    kRewrite = 3,  // the application sets it, its value becomes ours
    kPrefix = 4,   // the application sets it, ours goes in front of its value
};
enum class Seal : std::uint8_t { kPlain = 0, kSigned = 1, kOpaque = 2 };
enum class SecureMode : std::uint8_t { kAuto = 0, kOn = 1, kOff = 2 };
// What becomes of an answer that a cache might hand to somebody else, and that would get our cookie.
enum class NoCache : std::uint8_t { kSkip = 0, kMark = 1, kOff = 2 };

inline constexpr char kPrefixEnd = '~';  // between our part of a value and the application's

struct Settings {
    CookieMode mode = CookieMode::kOff;
    std::string cookie_name;    // empty: no cookie is read or set
    std::string url_parameter;  // empty: none is read
    char separator = '.';       // between what is ours or the application's, and the route; 0: none
    bool semicolon_ends_value = false;
    std::string cookie_attributes;  // what follows the value, all but Secure
    std::string expiry_attributes;  // the same for a cookie that is to be forgotten
    SecureMode secure = SecureMode::kAuto;
    std::int64_t max_age_s = 0;  // 0: until the browser closes
    CookieLimits limits = {};
    std::int64_t member_idle_s =
        0;  // the shortest that a member goes by; 0: nobody asks when it was seen
    Seal seal = Seal::kPlain;
    bool accepts_plain = false;  // beside sealed values
    TokenKeys keys = TokenKeys({});
    PinKeys pins = PinKeys({});
    bool hides_cookie = false;      // the member does not see it
    bool preserves_cookie = false;  // the application may set it, too
    bool only_on_post = false;
    NoCache no_cache = NoCache::kSkip;

    bool reads_cookie() const noexcept { return mode != CookieMode::kOff && !cookie_name.empty(); }
    // What a client sends may name a member.
    bool keeps_clients() const noexcept { return reads_cookie() || !url_parameter.empty(); }
    bool inserts_cookie() const noexcept
    {
        return mode == CookieMode::kInsert && !cookie_name.empty();
    }
    // Changes cookies that the application sets.
    bool edits_cookie() const noexcept
    {
        return (mode == CookieMode::kRewrite || mode == CookieMode::kPrefix) &&
               !cookie_name.empty();
    }
    // Between a signed token and its route. A prefix is ours alone, and httpd's character for values
    // might end it.
    char token_separator() const noexcept { return mode == CookieMode::kPrefix ? '.' : separator; }
    bool is_sealed() const noexcept { return seal != Seal::kPlain; }
    // A sealed value always has dates, a plain one where something is decided by them.
    bool writes_dates() const noexcept
    {
        return is_sealed() ||
               (separator != 0 && (max_age_s != 0 || limits.any() || member_idle_s != 0));
    }
    // After how long a cookie has to be written again; 0: never.
    std::int64_t refreshed_lifetime_s() const noexcept
    {
        std::int64_t least_s = 0;
        for (const auto lifetime_s : {max_age_s, limits.idle_s, member_idle_s})
            if (lifetime_s != 0 && (least_s == 0 || lifetime_s < least_s))
                least_s = lifetime_s;
        return writes_dates() ? least_s : 0;
    }
    // Where the parameter has the cookie's name nobody chose to be asked by it, and a seal on the
    // cookie would be worth nothing.
    bool reads_url() const noexcept
    {
        return !url_parameter.empty() && !(is_sealed() && url_parameter == cookie_name);
    }
};

}  // namespace stickybalancer::persistence
