// SPDX-License-Identifier: Apache-2.0
//
// Input: a Cookie header.
#include <cstddef>
#include <cstdint>

#include "core/persistence/cookie_reader.hpp"
#include "test/fuzz/require.hpp"

using stickybalancer::fuzz::is_inside;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view header(reinterpret_cast<const char *>(data), size);
    for (const std::string_view name : {"ROUTEID", "a"}) {
        stickybalancer::persistence::CookieReader reader(header, name);
        std::size_t values = 0;
        const char *behind_last = header.data();
        for (std::string_view value; reader.next(value); ++values) {
            SB_REQUIRE(!value.empty());
            SB_REQUIRE(is_inside(value, header));
            SB_REQUIRE(value.find(';') == std::string_view::npos);
            SB_REQUIRE(value.find(", ") == std::string_view::npos);
            SB_REQUIRE(value.data() > behind_last);
            behind_last = value.data() + value.size();
        }
        SB_REQUIRE(values <= size / (name.size() + 2));
        std::string_view none;
        SB_REQUIRE(!reader.next(none));
    }
    return 0;
}
