// SPDX-License-Identifier: Apache-2.0
//
// Which process has which slot of the region, and what becomes of what it had when it is gone.
//
// Thread safety: under the region's lock.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/capacity/queue.hpp"
#include "core/shm/region.hpp"

namespace stickybalancer::capacity {

inline constexpr std::uint32_t kNoProcess = 0xFFFFFFFF;

// kNoProcess: nobody with this pid has a slot.
std::uint32_t find_process(const shm::Region &region, std::uint32_t pid) noexcept;

// A slot for this process, with gauges of zero. One that still has its pid is a dead process's, and
// is reclaimed first. kNoProcess: all are taken.
std::uint32_t claim_process(const shm::RegionLock &lock, std::uint32_t pid,
                            base::TimeUs now) noexcept;

// The process is gone, whatever it was doing: what it had under way and whoever waited in it counts
// no more, and its slot is free. To be called by the one who learns of its end, once or more often;
// by the process itself only when none of its threads is left. Those who may have waited for it are
// named in `wakes`.
void reclaim(const shm::RegionLock &lock, std::uint32_t process, Wakes &wakes) noexcept;

}  // namespace stickybalancer::capacity
