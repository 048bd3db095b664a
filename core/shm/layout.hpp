// SPDX-License-Identifier: Apache-2.0
//
// Every byte that two processes share. Change it only together with LAYOUT.md and the version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/relaxed.hpp"

namespace stickybalancer::shm {

inline constexpr std::uint64_t kMagic = 0x0a62796b63697473;  // "stickyb", newline
inline constexpr std::uint16_t kLayoutMajor = 2;             // other: refuse to attach
inline constexpr std::uint16_t kLayoutMinor =
    0;  // other: fine; fields it added are 0 in older ones
inline constexpr std::size_t kCursorCount = 7;
inline constexpr std::size_t kRefusalCount = 16;

struct alignas(64) RegionHeader {
    std::uint64_t magic;
    std::uint16_t major;
    std::uint16_t minor;
    std::uint32_t balancer_count;
    std::uint64_t size_bytes;
    std::uint64_t
        fingerprint;  // of every size and offset below: catches what a forgotten version does not
    std::uint64_t reserved[4];
};
static_assert(sizeof(RegionHeader) == 64 && std::is_standard_layout_v<RegionHeader>);
static_assert(offsetof(RegionHeader, size_bytes) == 16 &&
              offsetof(RegionHeader, fingerprint) == 24);

// What all processes know of one balancer. Requests write the first line, only read the second, and
// write the others when they refuse a cookie.
struct alignas(64) BalancerState {
    base::Relaxed<std::uint64_t>
        cursors[kCursorCount];  // whose turn it is, one for each set of members
    std::uint64_t reserved0;
    // Goes up when members or settings were changed at run time; whoever holds an older snapshot
    // reads them again. It publishes those changes to the processes that compare it.
    base::Published<std::uint64_t> generation;
    base::Relaxed<std::uint64_t>
        last_fact;  // what one process has said for all (sb_balancer_is_news)
    std::uint64_t reserved1[6];
    base::Relaxed<std::uint64_t>
        refused_cookies[kRefusalCount];  // by reason (persistence/cookie_value.hpp)
};
static_assert(offsetof(BalancerState, refused_cookies) == 128);
static_assert(sizeof(BalancerState) == 256 && alignof(BalancerState) == 64);
static_assert(offsetof(BalancerState, last_fact) == 72);
static_assert(offsetof(BalancerState, generation) == 64 &&
              std::is_standard_layout_v<BalancerState>);

}  // namespace stickybalancer::shm
