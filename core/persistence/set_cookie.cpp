// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/set_cookie.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/persistence/cookie_reader.hpp"
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

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// `lower_case` is in lower case.
bool is_attribute(std::string_view name, std::string_view lower_case) noexcept
{
    return std::equal(name.begin(), name.end(), lower_case.begin(), lower_case.end(),
                      [](char one, char other) { return lower(one) == other; });
}

bool is_number(std::string_view text) noexcept
{
    const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

// It is a number.
bool is_above_zero(std::string_view number) noexcept
{
    return number[0] != '-' && number.find_first_not_of('0') != std::string_view::npos;
}

// Of each attribute the last one counts; a Max-Age that is no number is none.
void read_attributes(std::string_view rest, CookieSet &set) noexcept
{
    std::string_view max_age;
    while (!rest.empty()) {
        const auto attribute = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(attribute.size() + 1, rest.size()));
        const auto equals = std::min(attribute.find('='), attribute.size());
        const auto name = base::trimmed(attribute.substr(0, equals));
        const auto value = base::trimmed(attribute.substr(std::min(equals + 1, attribute.size())));
        if (is_attribute(name, "max-age") && is_number(value))
            max_age = value;
        else if (is_attribute(name, "expires"))
            set.expires = value;
    }
    if (max_age.empty())
        return;
    set.expires = {};
    set.ends |= !is_above_zero(max_age);
}

}  // namespace

bool sets_cookie_named(std::string_view line, std::string_view name) noexcept
{
    const auto pair = line.substr(0, line.find(';'));
    const auto equals = pair.find('=');
    return equals != std::string_view::npos && base::trimmed(pair.substr(0, equals)) == name;
}

CookieSet read_cookie_set(std::string_view line, std::string_view name) noexcept
{
    const auto pair = line.substr(0, line.find(';'));
    CookieSet set;
    // A browser takes no space at the end, and ", " ends a value.
    set.ends = !CookieReader(base::trimmed(pair), name).next(set.value);
    read_attributes(line.substr(pair.size()), set);
    return set;
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
