// SPDX-License-Identifier: Apache-2.0
#include "core/abi/grown_block.hpp"

#include "core/shm/places.hpp"

namespace stickybalancer::abi {
namespace {

void copy_member(const shm::RegionLock &lock, const shm::Block &from, std::uint32_t place,
                 const shm::Block &to) noexcept
{
    const auto record = lock.region().read_record(lock, from, place);
    if (record.use != shm::PlaceUse::kInUse)
        return;
    const auto new_place = shm::claim_place(lock, to, record.identity);
    if (new_place == shm::kNoPlace)
        return;
    lock.region().write_record(lock, to, new_place, record);
    to.slot(new_place).actual.publish(from.slot(place).actual.acquire());
    to.slot(new_place).started_us.store(from.slot(place).started_us.load());
    auto &load = to.load(new_place);
    load.sessions.store(from.load(place).sessions.load());
    load.decayed_us.store(from.load(place).decayed_us.load());
    load.response_time.store(from.load(place).response_time.load());
    load.placed.store(from.load(place).placed.load());
}

void copy_block(const shm::RegionLock &lock, const shm::Block &from, const shm::Block &to) noexcept
{
    for (std::uint32_t place = 0; place < from.capacity(); ++place)
        copy_member(lock, from, place, to);
    for (std::size_t reason = 0; reason < shm::kRefusalCount; ++reason)
        to.state().refused_cookies[reason].store(from.state().refused_cookies[reason].load());
}

}  // namespace

bool grow_block(const shm::RegionLock &lock, std::uint32_t capacity, shm::Block &block) noexcept
{
    const auto &region = lock.region();
    shm::Block grown;
    if (region.find_block(kGrowing, grown))
        region.release_block(lock, grown);
    if (!region.claim_block(lock, kGrowing, capacity, grown))
        return false;
    copy_block(lock, block, grown);
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
