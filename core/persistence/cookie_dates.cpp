// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/cookie_dates.hpp"

#include <algorithm>
#include <charconv>

namespace stickybalancer::persistence {
namespace {

constexpr std::size_t kMostDigits = 8;  // until the year 90,000
constexpr std::int64_t kMostAhead_s = 86400;

// Not before now by more than `limit_s`, where there is a limit, and not far ahead.
bool is_within(std::int64_t date_s, std::int64_t limit_s, std::int64_t now_s) noexcept
{
    return date_s - now_s <= kMostAhead_s && (limit_s == 0 || now_s - date_s <= limit_s);
}

bool parse_base36(std::string_view text, std::int64_t &number) noexcept
{
    if (text.empty() || text.size() > kMostDigits || text.front() == '-')
        return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 36);
    return error == std::errc() && end == text.data() + text.size();
}

void write_base36(base::BoundedWriter &out, std::int64_t number) noexcept
{
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof(digits), number, 36).ptr;
    out << std::string_view(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

CookieDates parse_cookie_dates(std::string_view text) noexcept
{
    CookieDates dates;
    const auto dash = text.find('-');
    if (dash == std::string_view::npos || !parse_base36(text.substr(0, dash), dates.issued_s) ||
        !parse_base36(text.substr(dash + 1), dates.seen_s))
        return {};
    return dates;
}

void write_cookie_dates(base::BoundedWriter &out, const CookieDates &dates) noexcept
{
    write_base36(out, dates.issued_s);
    out << "-";
    write_base36(out, dates.seen_s);
}

CookieAge age_of(const CookieDates &dates, const CookieLimits &limits, std::int64_t now_s) noexcept
{
    if (!limits.any())
        return CookieAge::kGood;
    if (!dates.is_known())
        return limits.life_s != 0 ? CookieAge::kTooOld : CookieAge::kGood;
    if (!is_within(dates.issued_s, limits.life_s, now_s))
        return limits.life_s != 0 ? CookieAge::kTooOld : CookieAge::kIdleTooLong;
    if (!is_within(dates.seen_s, limits.idle_s, now_s))
        return limits.idle_s != 0 ? CookieAge::kIdleTooLong : CookieAge::kTooOld;
    return CookieAge::kGood;
}

bool is_refresh_due(const CookieDates &dates, std::int64_t now_s, std::int64_t lifetime_s) noexcept
{
    const auto age_s = now_s - dates.seen_s;
    return !dates.is_known() || age_s < 0 || age_s > std::max<std::int64_t>(1, lifetime_s / 16);
}

}  // namespace stickybalancer::persistence
