// SPDX-License-Identifier: Apache-2.0
//
// Input: a path, or a query string; it is read as both.
#include <cstddef>
#include <cstdint>

#include "core/persistence/url_parameter.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;

namespace {

template <typename Parameter>
void read_all(std::string_view text, bool semicolon_ends_value, std::string_view never_in_a_value,
              std::string_view before_a_name)
{
    constexpr std::string_view kName = "a";
    Parameter parameter(text, kName, semicolon_ends_value);
    const char *behind_last = text.data();
    for (std::string_view value; parameter.next(value);) {
        SB_REQUIRE(!value.empty());
        SB_REQUIRE(fuzz::is_inside(value, text));
        SB_REQUIRE(value.find_first_of(never_in_a_value) == std::string_view::npos);
        SB_REQUIRE(value.data() > behind_last);
        const auto at = static_cast<std::size_t>(value.data() - text.data());
        SB_REQUIRE(at >= 2 && text.substr(at - 2, 2) == "a=");
        SB_REQUIRE(at == 2 || before_a_name.find(text[at - 3]) != std::string_view::npos);
        behind_last = value.data() + value.size();
    }
    std::string_view none;
    SB_REQUIRE(!parameter.next(none));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    read_all<persistence::PathParameter>(text, false, "/", ";");
    read_all<persistence::PathParameter>(text, true, "/;", ";");
    read_all<persistence::QueryParameter>(text, false, "&", "&");
    read_all<persistence::QueryParameter>(text, true, "&;", "&;");
    return 0;
}
