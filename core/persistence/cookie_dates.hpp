// SPDX-License-Identifier: Apache-2.0
//
// The two dates of a cookie, seconds since 1970: when it was first issued and when it was last
// written; and the rules that are decided by them. A plain value has them in front of the separator,
// "ISSUED-SEEN" in base 36, where a client can change them; a sealed one inside its token.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bounded_writer.hpp"

namespace stickybalancer::persistence {

struct CookieDates {
    std::int64_t issued_s = 0;  // both 0: the value has no dates
    std::int64_t seen_s = 0;

    bool is_known() const noexcept { return issued_s != 0; }
};

// Of what stands before the separator. Anything but two numbers of base 36 has no dates.
CookieDates parse_cookie_dates(std::string_view text) noexcept;
void write_cookie_dates(base::BoundedWriter &out, const CookieDates &dates) noexcept;

// How long a cookie is honoured, in seconds; 0: for ever.
struct CookieLimits {
    std::int64_t idle_s = 0;  // since it was last written
    std::int64_t life_s = 0;  // since it was first issued

    bool any() const noexcept { return idle_s != 0 || life_s != 0; }
};

enum class CookieAge : std::uint8_t { kGood, kIdleTooLong, kTooOld };

// Life is looked at before idleness. A cookie without dates is good, except where its life is limited.
// Clocks differ and step back: a date up to a day ahead is good, one further ahead is not.
CookieAge age_of(const CookieDates &dates, const CookieLimits &limits, std::int64_t now_s) noexcept;

// A cookie that lives for `lifetime_s` is written again at its first use after a sixteenth of that,
// or after a second, whichever is longer; one without dates, or with a date that is yet to come, at
// once.
bool is_refresh_due(const CookieDates &dates, std::int64_t now_s, std::int64_t lifetime_s) noexcept;

}  // namespace stickybalancer::persistence
