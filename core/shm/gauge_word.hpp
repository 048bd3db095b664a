// SPDX-License-Identifier: Apache-2.0
//
// The word Gauge::attempts: how many attempts a process has under way at one member, how many of
// its threads are just changing that, and a version that goes up with each change. The three are
// one word so that a reader sees them at one instant (capacity/gauges.hpp says what for).
//
//   bits 0 to 23 active, 24 to 39 changing, 40 to 63 version; what passes the end is lost
#pragma once

#include <cstdint>

#include "core/shm/block.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

inline constexpr std::uint64_t kOneActive = 1;
inline constexpr std::uint64_t kOneChanging = std::uint64_t{1} << 24;
inline constexpr std::uint64_t kOneVersion = std::uint64_t{1} << 40;

constexpr std::uint32_t active_in(std::uint64_t attempts) noexcept
{
    return static_cast<std::uint32_t>(attempts % kOneChanging);
}
constexpr bool is_changing(std::uint64_t attempts) noexcept
{
    return attempts % kOneVersion >= kOneChanging;
}

inline bool is_in_use(const Gauge &gauge) noexcept
{
    return gauge.attempts.ordered_load() % kOneVersion != 0 || gauge.connecting.load() != 0 ||
           gauge.queued.load() != 0;
}

// Zeroes the gauges of one process; what is zero is not written, so that its page stays unused.
inline void clear_row(const Block &block, std::uint32_t process) noexcept
{
    for (std::uint32_t place = 0; place <= block.capacity(); ++place) {
        auto &gauge = block.gauge(process, place);
        if (gauge.attempts.load() != 0)
            gauge.attempts.ordered_exchange(0);
        if (gauge.connecting.load() != 0)
            gauge.connecting.store(0);
        if (gauge.queued.load() != 0)
            gauge.queued.store(0);
    }
}

}  // namespace stickybalancer::shm
