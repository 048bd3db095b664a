// SPDX-License-Identifier: Apache-2.0
//
// What must hold whatever the input is; a fuzzer takes an abort for a finding.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>

namespace stickybalancer::fuzz {

inline void require_at(bool holds, const char *what, int line)
{
    if (holds)
        return;
    std::fprintf(stderr, "line %d: does not hold: %s\n", line, what);
    std::abort();
}

// Whether `part` lies inside `whole`, as memory.
inline bool is_inside(std::string_view part, std::string_view whole)
{
    const std::less_equal<const char *> is_not_after;
    return part.empty() || (is_not_after(whole.data(), part.data()) &&
                            is_not_after(part.data() + part.size(), whole.data() + whole.size()));
}

}  // namespace stickybalancer::fuzz

#define SB_REQUIRE(condition) stickybalancer::fuzz::require_at((condition), #condition, __LINE__)
