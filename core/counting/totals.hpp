// SPDX-License-Identifier: Apache-2.0
//
// What is counted of each attempt, on lines of its member's own (shm::MemberTotals).
//
// Thread safety: any thread of any process. Each number is right by itself; of two, one may be a request ahead.
#pragma once

#include <cstdint>

#include "core/shm/layout.hpp"

namespace stickybalancer::counting {

// The first attempt of a request is also counted by its cookie.
inline void count_attempt(shm::MemberTotals &totals, std::uint32_t cause, std::uint32_t cookie,
                          bool is_first) noexcept
{
    totals.causes[cause].fetch_add(1);
    if (is_first)
        totals.cookies[cookie].fetch_add(1);
    else
        totals.retried.fetch_add(1);
}

inline void count_wait(shm::MemberTotals &totals, std::int64_t waited_us, bool is_lost) noexcept
{
    if (waited_us > 0) {
        totals.queue_waits.fetch_add(1);
        totals.queue_us.fetch_add(static_cast<std::uint64_t>(waited_us));
    }
    if (is_lost)
        totals.queue_lost.fetch_add(1);
}

inline std::uint64_t attempts_at(const shm::MemberTotals &totals) noexcept
{
    std::uint64_t sum = 0;
    for (const auto &cause : totals.causes)
        sum += cause.load();
    return sum;
}

}  // namespace stickybalancer::counting
