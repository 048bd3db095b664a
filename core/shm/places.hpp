// SPDX-License-Identifier: Apache-2.0
//
// Which place of a balancer's block is whose. A member keeps its place as long as the block lives,
// whatever order the configuration has, so everything that is kept by place stays its own.
//
// Open addressing by the identity: a search begins at identity.low modulo the capacity and goes on
// from place to place until it comes to one that was never used. A place that was released is
// passed over, and taken by the next member whose search comes by. Cost: one or two places while
// the block is half full, some 60 when 10,000 of 10,000 are taken, all of them when there is no
// room.
//
// Thread safety: under the region's lock.
#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/shm/region.hpp"

namespace stickybalancer::shm {

// kNoPlace: the member has none.
std::uint32_t find_place(const RegionLock &lock, const Block &block,
                         const Identity &member) noexcept;

// The member's place; a free one, with its identity written, where it had none. kNoPlace: no room.
std::uint32_t claim_place(const RegionLock &lock, const Block &block,
                          const Identity &member) noexcept;

// For a member that is no more. kBusy: somebody still has requests there, or waits for it.
base::Status release_place(const RegionLock &lock, const Block &block,
                           std::uint32_t place) noexcept;

}  // namespace stickybalancer::shm
