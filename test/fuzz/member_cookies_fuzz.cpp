// SPDX-License-Identifier: Apache-2.0
//
// Input: two bytes of settings, then a Cookie header (input.hpp says what its control bytes are).
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/persistence/cookie_reader.hpp"
#include "core/persistence/cookie_value.hpp"
#include "core/persistence/member_cookies.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/reference.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using persistence::CookieMode;
using persistence::Settings;

namespace {

// What is written, in a buffer of the header's size; false: the header stays as it is.
bool member_gets(std::string_view header, const Settings &settings, std::string &text)
{
    text.assign(header.size(), '?');
    base::BoundedWriter out(text);
    const bool has_ours = persistence::write_member_cookies(out, header, settings);
    SB_REQUIRE(out.fits());
    SB_REQUIRE(has_ours || out.size_needed() == 0);
    text.resize(out.size_needed());
    return has_ours;
}

std::vector<std::string_view> others_in(std::string_view header, std::string_view name)
{
    std::vector<std::string_view> others;
    fuzz::ReferenceCookie cookie;
    for (const auto piece : fuzz::pieces_of(header))
        if (const auto text = fuzz::without_space(piece);
            !text.empty() && !fuzz::read_piece(piece, name, cookie))
            others.push_back(text);
    return others;
}

void check_hidden(std::string_view header, const Settings &settings)
{
    std::string text;
    const auto &name = settings.cookie_name;
    const bool has_ours = member_gets(header, settings, text);
    const auto ours = fuzz::cookies_named(header, name).size();
    SB_REQUIRE(has_ours == (ours != 0));
    if (!has_ours)
        return;
    SB_REQUIRE(text.size() < header.size());
    persistence::CookiePair pair;
    SB_REQUIRE(!persistence::CookieReader(text, name).next(pair));
    SB_REQUIRE(fuzz::cookies_named(text, name).empty());
    SB_REQUIRE(others_in(text, name) == others_in(header, name));
    // Each pair goes with one delimiter.
    SB_REQUIRE(text.empty() ||
               fuzz::pieces_of(text).size() + ours <= fuzz::pieces_of(header).size());
    std::string again;
    SB_REQUIRE(!member_gets(text, settings, again));
}

std::string without_any_space(std::string text)
{
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    return text;
}

void check_unprefixed(std::string_view header, const Settings &settings)
{
    std::string expected;
    const char *kept_to = header.data();
    for (const auto &cookie : fuzz::cookies_named(header, settings.cookie_name)) {
        const auto quote = cookie.value.starts_with('"') ? 1U : 0U;
        const auto end = cookie.value.find('~', quote);
        if (end == std::string_view::npos)
            continue;
        const auto prefix = cookie.value.substr(quote, end - quote);
        if (!persistence::may_be_our_prefix(prefix, settings))
            continue;
        expected.append(kept_to, prefix.data());
        kept_to = prefix.data() + prefix.size() + 1;
    }
    std::string text;
    const bool has_ours = member_gets(header, settings, text);
    SB_REQUIRE(has_ours == (kept_to != header.data()));
    if (!has_ours)
        return;
    const auto *header_end = header.data() + header.size();
    expected.append(kept_to, header_end);
    // Behind the last prefix there is nothing: white space in front of it may go.
    if (kept_to == header_end)
        SB_REQUIRE(without_any_space(text) == without_any_space(expected));
    else
        SB_REQUIRE(text == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    auto settings = fuzz::settings_of(input.number(2));
    const auto text = fuzz::with_tokens(input.rest());
    // At its exact size, so that a sanitizer sees one byte too many.
    const std::vector<char> exact(text.begin(), text.end());
    const std::string_view header(exact.data(), exact.size());
    std::string unused;
    if (settings.mode == CookieMode::kPrefix)
        check_unprefixed(header, settings);
    else if (settings.hides_cookie)
        check_hidden(header, settings);
    else
        SB_REQUIRE(!member_gets(header, settings, unused));
    settings.mode = CookieMode::kOff;
    SB_REQUIRE(!member_gets(header, settings, unused));
    return 0;
}
