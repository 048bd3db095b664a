// SPDX-License-Identifier: Apache-2.0
//
// The dates in front of the separator of a plain cookie value, "ISSUED-SEEN": seconds since 1970 in
// base 36, when the cookie was first issued and when it was last written. They are what a refresh
// is decided by, and no secret: a client that changes them changes how soon it gets its own cookie
// again.
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

// A cookie that lives for `lifetime_s` is written again at its first use after a sixteenth of that,
// or after a second, whichever is longer; one without dates, or with a date that is yet to come, at
// once.
bool is_refresh_due(const CookieDates &dates, std::int64_t now_s, std::int64_t lifetime_s) noexcept;

}  // namespace stickybalancer::persistence
