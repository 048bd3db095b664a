// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/duration.hpp"

#include <charconv>
#include <limits>

namespace stickybalancer {

bool parse_duration(std::string_view text, std::int64_t &duration_us)
{
    struct Unit {
        std::string_view name;
        std::int64_t us;
    };
    static constexpr Unit kUnits[] = {{"", 1'000'000},      {"s", 1'000'000},  {"ms", 1'000},
                                      {"min", 60'000'000},  {"m", 60'000'000}, {"h", 3'600'000'000},
                                      {"d", 86'400'000'000}};
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0)
        return false;
    const auto name = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto &unit : kUnits) {
        if (unit.name != name)
            continue;
        if (number > std::numeric_limits<std::int64_t>::max() / unit.us)
            return false;
        duration_us = number * unit.us;
        return true;
    }
    return false;
}

}  // namespace stickybalancer
