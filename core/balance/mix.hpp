// SPDX-License-Identifier: Apache-2.0
//
// Chance out of numbers in a row: the finalizer of splitmix64 (Steele, Lea and Flood, Fast splittable
// pseudorandom number generators, OOPSLA 2014). Not for secrets.
#pragma once

#include <cstdint>

namespace stickybalancer::balance {

inline constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio

constexpr std::uint64_t mixed(std::uint64_t value) noexcept
{
    value += kGolden;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

}  // namespace stickybalancer::balance
