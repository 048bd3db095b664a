// SPDX-License-Identifier: Apache-2.0
//
// Input: one byte of choices, two of settings, then, a line each: Cookie header (input.hpp says what
// its control bytes are), path, query, and forced route.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/persistence/hint.hpp"
#include "core/persistence/url_parameter.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/reference.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using fuzz::table;
using persistence::CookieFault;
using persistence::CookieState;
using persistence::Hint;
using persistence::HintSource;
using persistence::RequestText;
using persistence::Settings;

namespace {

CookieState state_of(CookieFault fault)
{
    if (fault == CookieFault::kExpired)
        return CookieState::kExpired;
    return fault == CookieFault::kOld ? CookieState::kOld : CookieState::kInvalid;
}

void expect_cookie(Hint &hint, std::string_view header, const Settings &settings)
{
    for (const auto &cookie : fuzz::cookies_named(header, settings.cookie_name)) {
        if (cookie.value.empty())
            continue;
        const auto reading =
            persistence::read_cookie_value(cookie.value, settings, table(), fuzz::kNow_s);
        if (hint.cookie_fault == CookieFault::kNone)
            hint.cookie_fault = reading.fault;
        if (reading.fault == CookieFault::kNone) {
            hint.member = reading.asked.member;
            hint.source = HintSource::kCookie;
            hint.cookie = CookieState::kValid;
            hint.cookie_dates = reading.dates;
            hint.is_cookie_outdated = reading.is_outdated;
            return;
        }
        hint.cookie = state_of(hint.cookie_fault);
    }
}

template <typename Parameters>
void expect_parameter(Hint &hint, Parameters parameters, HintSource source, char separator)
{
    for (std::string_view value; hint.member == members::kNoMember && parameters.next(value);) {
        hint.member = persistence::read_route(value, separator, table()).member;
        hint.source = hint.member == members::kNoMember ? HintSource::kNone : source;
    }
}

// All but what was asked for in vain.
Hint expected_hint(const RequestText &request, const Settings &settings)
{
    Hint hint;
    hint.member = table().first_with_route(request.forced_route);
    if (hint.member != members::kNoMember)
        hint.source = HintSource::kForced;
    if (hint.member != members::kNoMember || request.ignore_persistence) {
        if (settings.reads_cookie())
            for (const auto &cookie :
                 fuzz::cookies_named(request.cookie_header, settings.cookie_name))
                if (!cookie.value.empty())
                    hint.cookie = CookieState::kUnused;
        return hint;
    }
    if (settings.reads_cookie())
        expect_cookie(hint, request.cookie_header, settings);
    const auto &name = settings.url_parameter;
    const bool would_evade_seal = settings.is_sealed() && name == settings.cookie_name;
    if (hint.member == members::kNoMember && !name.empty() && !would_evade_seal) {
        const bool ends = settings.semicolon_ends_value;
        expect_parameter(hint, persistence::PathParameter(request.path, name, ends),
                         HintSource::kPath, settings.separator);
        expect_parameter(hint, persistence::QueryParameter(request.query, name, ends),
                         HintSource::kQuery, settings.separator);
    }
    return hint;
}

void check_expected(const Hint &hint, const Hint &expected)
{
    SB_REQUIRE(hint.member == expected.member && hint.source == expected.source);
    SB_REQUIRE(hint.cookie == expected.cookie && hint.cookie_fault == expected.cookie_fault);
    SB_REQUIRE(hint.cookie_dates.issued_s == expected.cookie_dates.issued_s);
    SB_REQUIRE(hint.cookie_dates.seen_s == expected.cookie_dates.seen_s);
    SB_REQUIRE(hint.is_cookie_outdated == expected.is_cookie_outdated);
}

void check(const Hint &hint, const RequestText &request)
{
    SB_REQUIRE((hint.member == members::kNoMember) == (hint.source == HintSource::kNone));
    if (hint.member != members::kNoMember) {
        SB_REQUIRE(hint.member < table().all().size());
        const auto &route = table()[hint.member].route;
        SB_REQUIRE(!route.empty() && table().first_with_route(route) == hint.member);
        SB_REQUIRE(hint.asked_in == hint.source);
        // An opaque token shows no route.
        SB_REQUIRE(hint.asked_route == route ||
                   (hint.asked_route.empty() && hint.source == HintSource::kCookie));
    }
    SB_REQUIRE((hint.cookie == CookieState::kValid) == (hint.source == HintSource::kCookie));
    SB_REQUIRE(!hint.cookie_dates.is_known() || hint.source == HintSource::kCookie);
    SB_REQUIRE(!hint.is_cookie_outdated || hint.source == HintSource::kCookie);
    SB_REQUIRE(hint.source == HintSource::kForced || hint.source == HintSource::kNone ||
               !request.ignore_persistence);
    SB_REQUIRE(fuzz::is_inside(hint.asked_route, request.cookie_header) ||
               fuzz::is_inside(hint.asked_route, request.path) ||
               fuzz::is_inside(hint.asked_route, request.query) ||
               fuzz::is_inside(hint.asked_route, request.forced_route));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const unsigned choices = input.byte();
    auto settings = fuzz::settings_of(input.number(2));
    static constexpr const char *kUrlParameters[] = {"R", "", "U", "R"};
    if ((choices & 1) != 0)
        settings.mode = persistence::CookieMode::kOff;
    settings.url_parameter = kUrlParameters[choices >> 1 & 3];
    settings.semicolon_ends_value = (choices & 8) != 0;

    RequestText request;
    request.ignore_persistence = (choices & 16) != 0;
    const auto cookies = fuzz::with_tokens(input.line());
    request.cookie_header = cookies;
    request.path = input.line();
    request.query = input.line();
    request.forced_route = input.line();
    const auto hint = persistence::read_hint(request, settings, table(), fuzz::kNow_s);
    check(hint, request);
    check_expected(hint, expected_hint(request, settings));
    return 0;
}
