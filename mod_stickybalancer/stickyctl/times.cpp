// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/times.hpp"

#include <charconv>
#include <cstdio>
#include <utility>

namespace stickybalancer::stickyctl {
namespace {

constexpr std::int64_t kLongestMs = std::int64_t{100} * 366 * 86'400'000;

std::int64_t unit_ms(std::string_view unit)
{
    constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
        {"", 1000},    {"ms", 1},       {"s", 1000},      {"min", 60'000},
        {"m", 60'000}, {"h", 3600'000}, {"d", 86'400'000}};
    for (const auto &[name, ms] : kUnits)
        if (unit == name)
            return ms;
    return 0;
}

std::string relative(seconds from_now)
{
    if (from_now.count() == 0)
        return "now";
    if (from_now.count() < 0)
        return readable_span(-from_now) + " ago";
    return "in " + readable_span(from_now);
}

}  // namespace

std::optional<milliseconds> parse_span(std::string_view text)
{
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0)
        return std::nullopt;
    const auto ms = unit_ms({end, static_cast<std::size_t>(text.data() + text.size() - end)});
    if (ms == 0 || count > kLongestMs / ms)
        return std::nullopt;
    return milliseconds(count * ms);
}

std::string no_span(std::string_view text)
{
    return "'" + std::string(text) +
           "' is no span of time: write a number and ms, s, min, h or d, such as 90s or 2h";
}

std::string readable_span(seconds span)
{
    constexpr std::pair<std::int64_t, const char *> kUnits[] = {
        {86'400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    std::int64_t rest = span.count();
    std::string text;
    int shown = 0;
    for (const auto &[length, name] : kUnits) {
        const auto count = rest / length;
        rest %= length;
        if (count == 0 && shown == 0 && length > 1)
            continue;
        if (count > 0 || shown == 0)
            text += (text.empty() ? "" : " ") + std::to_string(count) + name;
        if (++shown == 2)
            break;
    }
    return text;
}

std::optional<Instant> parse_instant(std::string_view text)
{
    int year = 0, end = 0;
    unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (std::sscanf(std::string(text).c_str(), "%4d-%2u-%2uT%2u:%2u:%2uZ%n", &year, &month, &day,
                    &hour, &minute, &second, &end) != 6 ||
        static_cast<std::size_t>(end) != text.size())
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    return Instant(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + seconds(second);
}

std::string relative_to(Instant now, std::string_view instant)
{
    const auto when = parse_instant(instant);
    return when ? relative(*when - now) : std::string();
}

std::string clock_and_span(Instant now, std::string_view instant)
{
    const auto when = parse_instant(instant);
    if (!when)
        return {};
    using std::chrono::days;
    const bool is_today = std::chrono::floor<days>(*when) == std::chrono::floor<days>(now);
    const auto date = is_today ? std::string() : std::string(instant.substr(0, 10)) + " ";
    return date + std::string(instant.substr(11, 8)) + " UTC (" + relative(*when - now) + ")";
}

}  // namespace stickybalancer::stickyctl
