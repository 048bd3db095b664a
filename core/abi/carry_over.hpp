// SPDX-License-Identifier: Apache-2.0
//
// What outlives processes - records of members, their states, counters; not what is under way - goes
// from one block to another: to a larger one of the same region, or to a region of another geometry.
//
// Thread safety: under the locks of both regions. Nothing is taken from where it was.
#pragma once

#include "core/shm/region.hpp"

namespace stickybalancer::abi {

// Of each member for which there is a place. Places are other ones.
void carry_over(const shm::RegionLock &from_lock, const shm::Block &from,
                const shm::RegionLock &to_lock, const shm::Block &to) noexcept;

// Bytes that a region of this geometry needs for all balancers of `from`.
std::size_t bytes_to_carry_over(const shm::Region &from, const shm::Geometry &geometry) noexcept;

// All balancers of a region, into an empty one. False: what is mapped of `to` has no room.
bool carry_over(const shm::RegionLock &from, const shm::RegionLock &to) noexcept;

}  // namespace stickybalancer::abi
