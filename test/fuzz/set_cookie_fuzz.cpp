// SPDX-License-Identifier: Apache-2.0
//
// Input: two bytes of settings, one for a route, then a Set-Cookie line of the application.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/persistence/cookie_reader.hpp"
#include "core/persistence/cookie_value.hpp"
#include "core/persistence/member_cookies.hpp"
#include "core/persistence/set_cookie.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/reference.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using fuzz::table;
using fuzz::without_space;
using persistence::CookieMode;
using persistence::Settings;

namespace {

constexpr persistence::CookieDates kDates{fuzz::kNow_s - 60, fuzz::kNow_s - 60};

// As a browser takes the line apart (RFC 6265 section 5.2).
struct BrowserCookie {
    bool is_one = false;
    std::string_view name, value;
};

BrowserCookie taken_by_browser(std::string_view line)
{
    const auto pair = line.substr(0, line.find(';'));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos)
        return {};
    return {true, without_space(pair.substr(0, equals)), without_space(pair.substr(equals + 1))};
}

// Whether a closing quote ends the value that begins there, and where.
std::size_t end_of_quoted(std::string_view line, std::size_t begin)
{
    const auto closing = line.find('"', begin + 1);
    if (closing == std::string_view::npos)
        return closing;
    const auto behind = without_space(line.substr(closing + 1));
    return behind.empty() || behind[0] == ';' ? closing + 1 : std::string_view::npos;
}

std::string expected_line(std::string_view line, CookieMode mode, std::string_view ours)
{
    auto begin = line.find('=') + 1;
    while (begin < line.size() && (line[begin] == ' ' || line[begin] == '\t'))
        ++begin;
    const bool is_quoted = begin < line.size() && line[begin] == '"';
    if (mode == CookieMode::kPrefix)
        return std::string(line.substr(0, begin + is_quoted))
            .append(ours)
            .append("~")
            .append(line.substr(begin + is_quoted));
    auto end = is_quoted ? end_of_quoted(line, begin) : std::string_view::npos;
    if (end == std::string_view::npos) {
        const auto value = line.substr(begin, line.find(';', begin) - begin);
        end = begin + (without_space(value).empty() ? 0 : value.find_last_not_of(" \t") + 1);
    }
    return std::string(line.substr(0, begin)).append(ours).append(line.substr(end));
}

// The client's next request binds it to the member.
void check_given_back(std::string_view header, const Settings &settings, std::string_view route)
{
    std::string_view value;
    SB_REQUIRE(persistence::CookieReader(header, settings.cookie_name).next(value));
    const auto reading = persistence::read_cookie_value(value, settings, table(), fuzz::kNow_s);
    SB_REQUIRE(reading.fault == persistence::CookieFault::kNone && !reading.is_outdated);
    SB_REQUIRE(reading.asked.member == table().first_with_route(route));
}

// And the member gets the value that its application has set.
void check_member_gets(std::string_view original, std::string_view edited, const Settings &settings)
{
    const auto header_of = [&](std::string_view before, std::string_view value,
                               std::string_view behind) {
        return std::string(before).append("R=").append(value).append(behind);
    };
    for (const std::string_view before : {"", "x=1; ", "x=1, "})
        for (const std::string_view behind : {"", "; y=2", ", y=2"}) {
            const auto header = header_of(before, edited, behind);
            // The application's ", R=" in a value cannot be told from two lines' joint.
            if (fuzz::cookies_named(header, settings.cookie_name).size() != 1)
                continue;
            const auto text = test::written([&](auto &out) {
                SB_REQUIRE(persistence::write_member_cookies(out, header, settings));
            });
            SB_REQUIRE(text == header_of(before, original, behind));
        }
}

void check_edited(std::string_view line, const Settings &settings, std::string_view route)
{
    const auto dates = settings.writes_dates() ? kDates : persistence::CookieDates();
    const auto ours = test::written(
        [&](auto &out) { persistence::write_cookie_value(out, settings, route, dates, 3); });
    const auto edited = test::written(
        [&](auto &out) { persistence::write_edited_cookie(out, line, settings, route, dates, 3); });
    SB_REQUIRE(edited == expected_line(line, settings.mode, ours));
    SB_REQUIRE(persistence::sets_cookie_named(edited, settings.cookie_name));

    const auto before = taken_by_browser(line), after = taken_by_browser(edited);
    SB_REQUIRE(after.is_one && after.name == settings.cookie_name);
    check_given_back("R=" + std::string(after.value), settings, route);
    check_given_back("x=1; R=" + std::string(after.value) + "; y=2", settings, route);
    if (settings.mode == CookieMode::kPrefix)
        check_member_gets(before.value, after.value, settings);
    else
        SB_REQUIRE(after.value == ours);
}

// What is read of the line is what the next request is read to bring.
void check_reading(std::string_view line, std::string_view name)
{
    const auto header =
        "x=1; " + std::string(name) + '=' + std::string(taken_by_browser(line).value) + "; y=2";
    std::string_view value;
    const bool has_value = persistence::CookieReader(header, name).next(value);
    const auto set = persistence::read_cookie_set(line, name);
    SB_REQUIRE(set.value == (has_value ? value : std::string_view()));
    SB_REQUIRE(has_value || set.ends);
    SB_REQUIRE(set.expires.find(';') == std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    auto settings = fuzz::settings_of(input.number(2));
    if (!settings.edits_cookie()) {
        settings.mode = CookieMode::kRewrite;
        settings.limits = {};
        settings.max_age_s = 0;
    }
    const auto route = fuzz::route_of(input.byte());
    const auto line = input.rest();
    const auto cookie = taken_by_browser(line);
    for (const std::string_view name : {"R", "RR", "r"})
        SB_REQUIRE(persistence::sets_cookie_named(line, name) ==
                   (cookie.is_one && cookie.name == name));
    if (cookie.is_one && cookie.name == "R")
        check_reading(line, "R");
    if (route.empty() || !persistence::sets_cookie_named(line, settings.cookie_name))
        return 0;
    check_edited(line, settings, route);
    return 0;
}
