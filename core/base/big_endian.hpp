// SPDX-License-Identifier: Apache-2.0
//
// Numbers as bytes, the most significant first.
//
// Thread safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stickybalancer::base {

// The low `size` bytes of it.
inline void put_number(std::uint8_t *out, std::uint64_t number, std::size_t size) noexcept
{
    for (auto i = size; i-- > 0; number >>= 8)
        out[i] = static_cast<std::uint8_t>(number);
}

inline std::uint64_t number_at(const std::uint8_t *in, std::size_t size) noexcept
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i)
        number = number << 8 | in[i];
    return number;
}

}  // namespace stickybalancer::base
