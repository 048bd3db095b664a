// SPDX-License-Identifier: Apache-2.0
//
// Writes text into a caller's buffer and never past it. What does not fit is not cut: nothing more
// is written, and size_needed() goes on counting, so that the caller can come back with room
// enough.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace stickybalancer::base {

class BoundedWriter {
public:
    explicit BoundedWriter(std::span<char> out) noexcept : out_(out) {}

    BoundedWriter &operator<<(std::string_view text) noexcept
    {
        if (needed_ + text.size() <= out_.size())
            std::copy(text.begin(), text.end(),
                      out_.begin() + static_cast<std::ptrdiff_t>(needed_));
        needed_ += text.size();
        return *this;
    }

    BoundedWriter &operator<<(std::integral auto number) noexcept
    {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
        return *this << std::string_view(digits, static_cast<std::size_t>(end - digits));
    }

    bool fits() const noexcept { return needed_ <= out_.size(); }
    std::size_t size_needed() const noexcept { return needed_; }

private:
    std::span<char> out_;
    std::size_t needed_ = 0;
};

}  // namespace stickybalancer::base
