// SPDX-License-Identifier: Apache-2.0
//
// Text that lives in a fixed number of bytes, in memory that processes share: what does not fit is
// refused, never cut. The bytes behind the text are zero, so equal texts are equal bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace stickybalancer::base {

template <std::size_t kSize>
struct FixedText {
    static constexpr std::size_t kMostBytes = kSize - 1;  // the last is always zero

    char bytes[kSize];

    // False, and nothing changed: too long, or a NUL inside.
    bool assign(std::string_view text) noexcept
    {
        if (text.size() > kMostBytes || text.find('\0') != std::string_view::npos)
            return false;
        std::memset(bytes, 0, kSize);
        if (!text.empty())
            std::memcpy(bytes, text.data(), text.size());
        return true;
    }
    // Ends inside, whatever the bytes are.
    std::string_view view() const noexcept { return {bytes, ::strnlen(bytes, kMostBytes)}; }

    friend bool operator==(const FixedText &a, const FixedText &b) noexcept
    {
        return a.view() == b.view();
    }
};

}  // namespace stickybalancer::base
