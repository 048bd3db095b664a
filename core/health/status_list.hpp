// SPDX-License-Identifier: Apache-2.0
//
// Statuses of HTTP as an administrator lists them: codes and ranges with commas between them, "200-399,404".
#pragma once

#include <cstdint>
#include <string_view>

namespace stickybalancer::health {

class StatusList {
public:
    static constexpr std::uint32_t kFirst = 100;
    static constexpr std::uint32_t kLast = 599;

    // False, and the list may hold anything: not such a list, or a code that is none.
    bool read(std::string_view text) noexcept;
    bool has(std::uint32_t status) const noexcept
    {
        return status < kBits && (words[status / 64] >> status % 64 & 1) != 0;
    }

    static constexpr std::uint32_t kBits = 640;
    std::uint64_t words[kBits / 64] = {};
};

}  // namespace stickybalancer::health
