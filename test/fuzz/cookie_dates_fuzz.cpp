// SPDX-License-Identifier: Apache-2.0
//
// Input: what stands before the separator of a cookie's value.
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/persistence/cookie_dates.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using persistence::CookieAge;
using persistence::CookieDates;

namespace {

// Good, or why not, from the words of cookie_dates.hpp.
void check_age(const CookieDates &dates, const persistence::CookieLimits &limits,
               std::int64_t now_s)
{
    const auto age = persistence::age_of(dates, limits, now_s);
    const auto is_past = [now_s](std::int64_t date_s, std::int64_t limit_s) {
        return limit_s != 0 && date_s < now_s - limit_s;
    };
    const auto is_far_ahead = [now_s](std::int64_t date_s) { return date_s > now_s + 86400; };
    const bool is_old = is_past(dates.issued_s, limits.life_s);
    const bool is_idle = is_past(dates.seen_s, limits.idle_s);
    const bool is_ahead = is_far_ahead(dates.issued_s) || is_far_ahead(dates.seen_s);
    if (!limits.any())
        SB_REQUIRE(age == CookieAge::kGood);
    else if (!dates.is_known())
        SB_REQUIRE(age == (limits.life_s != 0 ? CookieAge::kTooOld : CookieAge::kGood));
    else
        SB_REQUIRE((age == CookieAge::kGood) == (!is_old && !is_idle && !is_ahead));
    if (limits.any() && dates.is_known() && is_old)
        SB_REQUIRE(age == CookieAge::kTooOld);
    SB_REQUIRE(age != CookieAge::kTooOld || limits.life_s != 0);
    SB_REQUIRE(age != CookieAge::kIdleTooLong || limits.idle_s != 0);
}

void check_ages(const CookieDates &dates)
{
    constexpr std::int64_t kLimits[] = {0, 1, 5, 86400, 34'560'000};
    for (const auto now_s : {std::int64_t{0}, std::int64_t{1'700'000'000}, dates.issued_s,
                             dates.seen_s, dates.seen_s + 5, dates.issued_s + 86401,
                             dates.seen_s - 86400, dates.issued_s - 86401, INT64_MAX / 1'000'000})
        for (const auto idle_s : kLimits)
            for (const auto life_s : kLimits)
                check_age(dates, {idle_s, life_s}, now_s);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto dates =
        persistence::parse_cookie_dates({reinterpret_cast<const char *>(data), size});
    constexpr std::int64_t kMost = 2'821'109'907'455;  // eight digits of base 36
    SB_REQUIRE(dates.issued_s >= 0 && dates.issued_s <= kMost);
    SB_REQUIRE(dates.seen_s >= 0 && dates.seen_s <= kMost);
    for (const std::int64_t now_s :
         {std::int64_t{0}, std::int64_t{1'700'000'000}, INT64_MAX / 1'000'000})
        for (const std::int64_t lifetime_s : {std::int64_t{1}, std::int64_t{34'560'000}, INT64_MAX})
            SB_REQUIRE(persistence::is_refresh_due(dates, now_s, lifetime_s) ||
                       now_s >= dates.seen_s);
    check_ages(dates);
    if (!dates.is_known())
        return 0;

    char text[32];
    base::BoundedWriter out(text);
    persistence::write_cookie_dates(out, dates);
    SB_REQUIRE(out.fits() && out.size_needed() <= size);
    const auto again = persistence::parse_cookie_dates({text, out.size_needed()});
    SB_REQUIRE(again.issued_s == dates.issued_s && again.seen_s == dates.seen_s);
    return 0;
}
