// SPDX-License-Identifier: Apache-2.0
//
// Clients as a sketch knows them, and the time.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/counting/sketch.hpp"
#include "test/unit/support/members.hpp"

namespace stickybalancer::test {

inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr base::DurationUs kLifetime{30 * kMinute};
inline constexpr base::TimeUs kBegin{1'700'000'000 * kSecond};

constexpr base::TimeUs after(std::int64_t us, base::TimeUs begin = kBegin)
{
    return {begin.us + us};
}

// SplitMix64, by Steele, Lea and Flood: the digest of client `number` under a seed.
inline std::uint64_t digest_of(std::uint64_t seed, std::uint64_t number)
{
    auto mixed = (seed << 40) + (number + 1) * 0x9E3779B97F4A7C15;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    return mixed ^ mixed >> 31;
}

inline bool is_near(std::uint64_t counted, double clients, double share)
{
    return std::abs(static_cast<double>(counted) - clients) <= share * clients;
}

}  // namespace stickybalancer::test
