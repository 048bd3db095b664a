// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "core/abi/carry_over.hpp"
#include "core/abi/grown_block.hpp"
#include "core/abi/guard.hpp"
#include "core/abi/handles.hpp"
#include "core/base/hmac.hpp"
#include "core/capacity/processes.hpp"
#include "core/overrides/merge.hpp"
#include "core/shm/places.hpp"

using namespace stickybalancer;
using abi::guard;
using abi::view_of;

namespace {

shm::Geometry geometry_of(const sb_geometry &geometry) noexcept
{
    constexpr auto kMost = std::numeric_limits<decltype(shm::Geometry::waiter_count)>::max();
    return {geometry.process_count, static_cast<decltype(shm::Geometry::waiter_count)>(
                                        std::min<uint32_t>(geometry.waiter_count, kMost))};
}

shm::Identity identity_of(const sb_identity &identity) noexcept
{
    return {identity.high, identity.low};
}

bool comes_before(const shm::Identity &a, const shm::Identity &b) noexcept
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

bool to_record(const sb_member_config &from, shm::MemberConfig &to) noexcept
{
    to = {};
    to.weight_hundredths = from.weight;
    to.set = from.set;
    to.state_bits = from.state_bits;
    return to.route.assign({from.route, ::strnlen(from.route, sizeof(from.route))}) &&
           to.redirect.assign({from.redirect, ::strnlen(from.redirect, sizeof(from.redirect))});
}

void from_record(const shm::MemberConfig &from, sb_member_config &to) noexcept
{
    to = {};
    to.weight = from.weight_hundredths;
    to.set = from.set;
    to.state_bits = from.state_bits;
    static_assert(sizeof(to.route) == sizeof(from.route.bytes) &&
                  sizeof(to.redirect) == sizeof(from.redirect.bytes));
    from.route.view().copy(to.route, sizeof(to.route) - 1);
    from.redirect.view().copy(to.redirect, sizeof(to.redirect) - 1);
}

// What `use` says of the block, under the region's lock.
template <typename Use>
sb_status with_block(sb_region *region, uint64_t block_offset, const Use &use)
{
    shm::Block block;
    if (!region->region.block_at(block_offset, block))
        return SB_NOT_FOUND;
    const shm::RegionLock lock(region->region);
    return lock.is_held() ? use(lock, block) : SB_INTERNAL;
}

// How many of those in use that `is_to_go` says.
template <typename IsToGo>
uint32_t release_places(const shm::RegionLock &lock, shm::Block &block, const IsToGo &is_to_go)
{
    uint32_t released = 0;
    for (uint32_t place = 0; place < block.capacity(); ++place) {
        const auto &record = block.slot(place).record;
        if (record.use == shm::PlaceUse::kInUse && is_to_go(record) &&
            shm::release_place(lock, block, place) == base::Status::kOk)
            ++released;
    }
    return released;
}

// Calls change(record, slot), which says whether it has changed anything, for the record of a member.
template <typename Change>
sb_status with_record(sb_region *region, uint64_t block_offset, uint32_t place,
                      const Change &change)
{
    return with_block(region, block_offset, [&](const shm::RegionLock &lock, shm::Block &block) {
        if (place >= block.capacity())
            return SB_NOT_FOUND;
        auto record = region->region.read_record(lock, block, place);
        if (record.use != shm::PlaceUse::kInUse)
            return SB_NOT_FOUND;
        if (change(record, block.slot(place)))
            region->region.write_record(lock, block, place, record);
        return SB_OK;
    });
}

}  // namespace

sb_identity sb_identity_of(sb_str text)
{
    const auto digest = base::sha256(view_of(text));
    sb_identity identity;
    static_assert(sizeof(identity) <= sizeof(digest));
    std::memcpy(&identity, digest.data(), sizeof(identity));
    return identity;
}

size_t sb_region_size(const sb_geometry *geometry)
{
    return shm::region_bytes(geometry_of(*geometry));
}

size_t sb_block_size(const sb_geometry *geometry, uint32_t capacity)
{
    return shm::block_bytes(capacity, geometry_of(*geometry));
}

sb_status sb_region_format(void *memory, size_t size_bytes, const sb_geometry *geometry,
                           const uint64_t random[2])
{
    const auto fault =
        shm::format(memory, size_bytes, geometry_of(*geometry), {random[0], random[1]});
    if (fault == shm::RegionFault::kNoLock)
        return SB_INTERNAL;
    return fault == shm::RegionFault::kNone ? SB_OK : SB_INVALID_ARGUMENT;
}

sb_status sb_region_open(void *memory, size_t size_bytes, sb_region **out, const char **why)
{
    return guard([&] {
        const auto attached = shm::attach(memory, size_bytes);
        const bool is_good = attached.fault == shm::RegionFault::kNone;
        *why = is_good ? nullptr : shm::fault_name(attached.fault);
        if (!is_good)
            return SB_LAYOUT_MISMATCH;
        *out = std::make_unique<sb_region>(sb_region{attached.region}).release();
        return SB_OK;
    });
}

void sb_region_close(sb_region *region) { delete region; }

sb_status sb_region_restart(sb_region *region, uint32_t *dropped_records)
{
    const auto restarted = region->region.restart();
    *dropped_records = restarted.dropped_records;
    abi::release_outgrown(shm::RegionLock(region->region));
    return restarted.fault == shm::RegionFault::kNone ? SB_OK : SB_INTERNAL;
}

size_t sb_region_size_for(const sb_geometry *geometry, const sb_region *earlier)
{
    return abi::bytes_to_carry_over(earlier->region, geometry_of(*geometry));
}

sb_status sb_region_carry_over(const sb_region *earlier, sb_region *region)
{
    const shm::RegionLock from(earlier->region), to(region->region);
    if (!from.is_held() || !to.is_held())
        return SB_INTERNAL;
    return abi::carry_over(from, to) ? SB_OK : SB_NO_MEMORY;
}

sb_geometry sb_region_geometry(const sb_region *region)
{
    const auto &geometry = region->region.geometry();
    return {geometry.process_count, geometry.waiter_count};
}

size_t sb_region_used(const sb_region *region)
{
    return region->region.header().used_bytes.acquire();
}

sb_status sb_region_claim_block(sb_region *region, sb_identity balancer, uint32_t capacity,
                                uint64_t *block)
{
    if (identity_of(balancer) == shm::Identity{} || capacity == 0 || capacity > shm::kMostPlaces)
        return SB_INVALID_ARGUMENT;
    const shm::RegionLock lock(region->region);
    shm::Block claimed;
    if (!lock.is_held())
        return SB_INTERNAL;
    if (!region->region.claim_block(lock, identity_of(balancer), capacity, claimed))
        return SB_NO_MEMORY;
    if (claimed.capacity() < capacity && !abi::grow_block(lock, capacity, claimed))
        return SB_NO_MEMORY;
    *block = claimed.offset();
    return SB_OK;
}

sb_status sb_region_claim_process(sb_region *region, uint32_t pid, sb_time_us now_us,
                                  uint32_t *slot)
{
    if (pid == 0)
        return SB_INVALID_ARGUMENT;
    const shm::RegionLock lock(region->region);
    if (!lock.is_held())
        return SB_INTERNAL;
    const auto claimed = capacity::claim_process(lock, pid, {now_us});
    if (claimed == capacity::kNoProcess)
        return SB_BUSY;
    *slot = claimed;
    return SB_OK;
}

uint32_t sb_region_process(const sb_region *region, uint32_t slot)
{
    return slot < region->region.geometry().process_count
               ? region->region.process(slot).pid.acquire()
               : 0;
}

void sb_region_reclaim_process(sb_region *region, uint32_t pid, sb_wakes *wakes)
{
    capacity::Wakes found;
    const auto process = capacity::find_process(region->region, pid);
    if (process != capacity::kNoProcess) {
        const shm::RegionLock lock(region->region);
        if (lock.is_held())
            capacity::reclaim(lock, process, found);
    }
    static_assert(SB_WAKES_MAX >= std::tuple_size_v<decltype(found.words)>);
    wakes->count = 0;
    for (uint32_t i = 0; i < found.count; ++i)
        wakes->words[wakes->count++] = reinterpret_cast<uint32_t *>(found.words[i]);
}

void sb_region_set_lame_duck(sb_region *region, sb_time_us until_us)
{
    region->region.header().lame_duck_until_us.store(until_us);
}

sb_time_us sb_region_lame_duck(const sb_region *region)
{
    return region->region.header().lame_duck_until_us.load();
}

sb_status sb_member_claim(sb_region *region, uint64_t block_offset, sb_identity member,
                          uint32_t *place)
{
    if (identity_of(member) == shm::Identity{})
        return SB_INVALID_ARGUMENT;
    return with_block(region, block_offset, [&](const shm::RegionLock &lock, shm::Block &block) {
        const auto claimed = shm::claim_place(lock, block, identity_of(member));
        if (claimed == shm::kNoPlace)
            return SB_NO_MEMORY;
        *place = claimed;
        return SB_OK;
    });
}

sb_status sb_member_keep(sb_region *region, uint64_t block_offset, const sb_identity *members,
                         size_t member_count, uint32_t *released)
{
    return guard([&] {
        std::vector<shm::Identity> kept(member_count);
        std::transform(members, members + member_count, kept.begin(), identity_of);
        std::sort(kept.begin(), kept.end(), comes_before);
        return with_block(
            region, block_offset, [&](const shm::RegionLock &lock, shm::Block &block) {
                *released = release_places(lock, block, [&](const shm::MemberRecord &record) {
                    return record.is_run_time_member == 0 &&
                           !std::binary_search(kept.begin(), kept.end(), record.identity,
                                               comes_before);
                });
                return SB_OK;
            });
    });
}

sb_status sb_member_release_removed(sb_region *region, uint64_t block_offset, uint32_t *released)
{
    return with_block(region, block_offset, [&](const shm::RegionLock &lock, shm::Block &block) {
        *released = release_places(lock, block, [](const shm::MemberRecord &record) {
            return record.is_run_time_member == 0 && record.was_configured == 0;
        });
        return SB_OK;
    });
}

sb_status sb_member_configure(sb_region *region, uint64_t block, uint32_t place,
                              const sb_member_config *now, sb_merge *out)
{
    shm::MemberConfig configured;
    if (!to_record(*now, configured))
        return SB_INVALID_ARGUMENT;
    return with_record(
        region, block, place, [&](shm::MemberRecord &record, const shm::MemberSlot &) {
            const bool is_new = !record.was_configured;
            const auto merge =
                is_new ? overrides::Merge{configured}
                       : overrides::merge(record.configured, configured, record.in_force);
            record.configured = configured;
            record.in_force = merge.merged;
            record.was_configured = 1;
            record.is_run_time_member = 0;
            record.url = {};
            from_record(merge.merged, out->in_force);
            out->kept = merge.kept;
            out->overridden = merge.overridden;
            return true;
        });
}

sb_status sb_member_remember(sb_region *region, uint64_t block, uint32_t place,
                             const sb_member_config *in_force, sb_requested requested,
                             sb_time_us drain_deadline_us, sb_str url, sb_time_us now_us)
{
    shm::MemberConfig config;
    base::FixedText<512> text{};
    const auto known = static_cast<uint32_t>(requested) <= SB_STOPPED;
    if (!known || drain_deadline_us < SB_DRAIN_DEADLINE_KEPT || !to_record(*in_force, config) ||
        !text.assign(view_of(url)))
        return SB_INVALID_ARGUMENT;
    return with_record(region, block, place, [&](shm::MemberRecord &record, shm::MemberSlot &slot) {
        auto changed = record;
        changed.in_force = config;
        changed.is_run_time_member = url.len != 0;
        changed.url = text;
        changed.requested = static_cast<shm::Requested>(requested);
        if (changed.requested != record.requested) {
            changed.requested_since_us = now_us;
            slot.draining_since_us.store(requested == SB_DRAIN ? now_us : 0);
        }
        if (requested != SB_DRAIN)
            changed.drain_deadline_us = 0;
        else if (drain_deadline_us != SB_DRAIN_DEADLINE_KEPT)
            changed.drain_deadline_us = drain_deadline_us;
        slot.drain_deadline_us.store(changed.drain_deadline_us);
        const bool is_new = std::memcmp(&changed, &record, sizeof(record)) != 0;
        record = changed;
        return is_new;
    });
}

sb_status sb_member_added(sb_region *region, uint64_t block_offset, uint32_t index, char *url,
                          size_t *len, sb_member_config *in_force)
{
    return with_block(region, block_offset, [&](const shm::RegionLock &, shm::Block &block) {
        for (uint32_t place = 0; place < block.capacity(); ++place) {
            const auto &record = block.slot(place).record;
            if (record.use != shm::PlaceUse::kInUse || record.is_run_time_member == 0 ||
                index-- != 0)
                continue;
            const auto text = record.url.view();
            const auto room = *len;
            *len = text.size();
            if (text.size() > room)
                return SB_BUFFER_TOO_SMALL;
            text.copy(url, room);
            from_record(record.in_force, *in_force);
            return SB_OK;
        }
        return SB_NOT_FOUND;
    });
}
