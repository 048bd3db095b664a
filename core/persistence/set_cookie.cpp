// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/set_cookie.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/persistence/cookie_value.hpp"

namespace stickybalancer::persistence {
namespace {

// Where the value begins and ends in the line.
struct ValuePlace {
    std::size_t begin;
    std::size_t end;
};

// The line has a '='.
ValuePlace find_value(std::string_view line) noexcept
{
    const auto begin = line.find_first_not_of(" \t", line.find('=') + 1);
    if (begin == std::string_view::npos)
        return {line.size(), line.size()};
    const auto closing = line[begin] == '"' ? line.find('"', begin + 1) : std::string_view::npos;
    auto end = std::min(line.find(';', begin), line.size());
    if (closing != std::string_view::npos) {
        const auto behind = line.find_first_not_of(" \t", closing + 1);
        if (behind == std::string_view::npos || line[behind] == ';')
            end = closing + 1;
    }
    while (end > begin && (line[end - 1] == ' ' || line[end - 1] == '\t'))
        --end;
    return {begin, end};
}

}  // namespace

bool sets_cookie_named(std::string_view line, std::string_view name) noexcept
{
    const auto pair = line.substr(0, line.find(';'));
    const auto equals = pair.find('=');
    return equals != std::string_view::npos && base::trimmed(pair.substr(0, equals)) == name;
}

void write_edited_cookie(base::BoundedWriter &out, std::string_view line, const Settings &settings,
                         std::string_view route, const CookieDates &dates,
                         std::uint64_t salt) noexcept
{
    const auto value = find_value(line);
    if (settings.mode == CookieMode::kRewrite) {
        out << line.substr(0, value.begin);
        write_cookie_value(out, settings, route, dates, salt);
        out << line.substr(value.end);
        return;
    }
    const auto at = value.begin + (line.substr(value.begin, 1) == "\"" ? 1 : 0);
    out << line.substr(0, at);
    write_cookie_value(out, settings, route, dates, salt);
    out << std::string_view(&kPrefixEnd, 1) << line.substr(at);
}

}  // namespace stickybalancer::persistence
