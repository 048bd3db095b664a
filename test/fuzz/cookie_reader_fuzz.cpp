// SPDX-License-Identifier: Apache-2.0
//
// Input: a Cookie header. The reader finds what the slow one of reference.hpp finds, at the same place.
#include <cstddef>
#include <cstdint>

#include "core/persistence/cookie_reader.hpp"
#include "test/fuzz/reference.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using persistence::CookiePair;
using persistence::CookieReader;

namespace {

bool is_same_text(std::string_view a, std::string_view b)
{
    return a.data() == b.data() && a.size() == b.size();
}

void check_behind(std::string_view header, std::size_t end)
{
    SB_REQUIRE(end <= header.size());
    const auto behind = header.substr(end);
    SB_REQUIRE(behind.empty() || behind[0] == ';' || behind.starts_with(", "));
    const auto next = persistence::next_pair_after(header, end);
    SB_REQUIRE(next <= header.size() && next >= end);
    const auto skipped = header.substr(end, next - end);
    SB_REQUIRE(skipped.empty() == behind.empty());
    SB_REQUIRE(skipped.find_first_not_of(" \t", 1) == std::string_view::npos);
    SB_REQUIRE(next == header.size() || (header[next] != ' ' && header[next] != '\t'));
}

void check_pairs(std::string_view header, std::string_view name)
{
    CookieReader reader(header, name);
    CookiePair pair;
    std::size_t behind_last = 0;
    for (const auto &cookie : fuzz::cookies_named(header, name)) {
        SB_REQUIRE(reader.next(pair));
        SB_REQUIRE(fuzz::is_inside(pair.value, header));
        SB_REQUIRE(pair.value == cookie.value);
        SB_REQUIRE(pair.value.empty() || is_same_text(pair.value, cookie.value));
        SB_REQUIRE(header.substr(pair.begin, name.size()) == name && pair.begin >= behind_last);
        const auto piece_at = static_cast<std::size_t>(cookie.piece.data() - header.data());
        SB_REQUIRE(pair.begin == header.find_first_not_of(" \t", piece_at));
        SB_REQUIRE(pair.end == piece_at + cookie.piece.size());
        check_behind(header, pair.end);
        behind_last = pair.end;
    }
    SB_REQUIRE(!reader.next(pair) && !reader.next(pair));
}

// The empty ones are passed over.
void check_values(std::string_view header, std::string_view name)
{
    CookieReader reader(header, name);
    std::string_view value;
    for (const auto &cookie : fuzz::cookies_named(header, name)) {
        if (cookie.value.empty())
            continue;
        SB_REQUIRE(reader.next(value));
        SB_REQUIRE(is_same_text(value, cookie.value));
    }
    SB_REQUIRE(!reader.next(value) && !reader.next(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view header(reinterpret_cast<const char *>(data), size);
    for (const std::string_view name : {"ROUTEID", "a", "aba"}) {
        check_pairs(header, name);
        check_values(header, name);
    }
    std::string_view value;
    SB_REQUIRE(!CookieReader(header, "").next(value));
    return 0;
}
