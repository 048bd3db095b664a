// SPDX-License-Identifier: Apache-2.0
//
// A balancer that has more members than its block has places gets a larger block, and what outlives
// processes goes there: records, states and counters; not what is under way. Processes of before that go
// on with the earlier block count in it, and what they remember there is not seen any more.
//
// What a kill leaves behind: the larger block is made under a name that is nobody's, and gets the
// balancer's name when everything is in it; only then the earlier one loses its name. So there is always
// a whole block of that name. What lies about is released by release_outgrown(), or by the next attempt.
//
// Thread safety: under the region's lock.
#pragma once

#include <cstdint>

#include "core/shm/region.hpp"

namespace stickybalancer::abi {

// Names of blocks that no digest ever has.
inline constexpr shm::Identity kGrowing{~std::uint64_t{0}, 1};
inline constexpr shm::Identity kOutgrown{~std::uint64_t{0}, 2};

// `block` becomes the larger one. False: the memory that is mapped has no room for it.
bool grow_block(const shm::RegionLock &lock, std::uint32_t capacity, shm::Block &block) noexcept;

// Nobody uses blocks that have been outgrown: others may have them. To be called after a restart.
void release_outgrown(const shm::RegionLock &lock) noexcept;

}  // namespace stickybalancer::abi
