// SPDX-License-Identifier: Apache-2.0
#include "core/abi/grown_block.hpp"

#include "core/abi/carry_over.hpp"

namespace stickybalancer::abi {

bool grow_block(const shm::RegionLock &lock, std::uint32_t capacity, shm::Block &block) noexcept
{
    const auto &region = lock.region();
    shm::Block grown;
    if (region.find_block(kGrowing, grown))
        region.release_block(lock, grown);
    if (!region.claim_block(lock, kGrowing, capacity, grown))
        return false;
    carry_over(lock, block, lock, grown);
    const auto balancer = block.state().identity;
    grown.state().identity = balancer;
    region.each_block([&](const shm::Block &each) {
        if (each.offset() != grown.offset() && each.state().identity == balancer)
            each.state().identity = kOutgrown;
        return true;
    });
    block = grown;
    return true;
}

void release_outgrown(const shm::RegionLock &lock) noexcept
{
    lock.region().each_block([&](const shm::Block &each) {
        if (each.state().identity == kGrowing || each.state().identity == kOutgrown)
            lock.region().release_block(lock, each);
        return true;
    });
}

}  // namespace stickybalancer::abi
