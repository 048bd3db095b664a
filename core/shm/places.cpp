// SPDX-License-Identifier: Apache-2.0
#include "core/shm/places.hpp"

#include "core/shm/check_word.hpp"
#include "core/shm/gauge_word.hpp"
#include "core/shm/member_counts.hpp"

namespace stickybalancer::shm {
namespace {

struct Search {
    std::uint32_t found = kNoPlace;
    std::uint32_t free = kNoPlace;  // the first on the way
};

Search search(const Block &block, const Identity &member) noexcept
{
    Search result;
    const auto capacity = block.capacity();
    auto place = static_cast<std::uint32_t>(member.low % capacity);
    for (std::uint32_t step = 0; step < capacity; ++step) {
        const auto &record = block.slot(place).record;
        if (record.use == PlaceUse::kInUse && record.identity == member) {
            result.found = place;
            return result;
        }
        if (record.use != PlaceUse::kInUse && result.free == kNoPlace)
            result.free = place;
        if (record.use == PlaceUse::kNever)
            return result;
        place = place + 1 == capacity ? 0 : place + 1;
    }
    return result;
}

bool is_idle(const Region &region, const Block &block, std::uint32_t place) noexcept
{
    for (std::uint32_t process = 0; process < region.processes_used(); ++process)
        if (region.is_claimed(process) && is_in_use(block.gauge(process, place)))
            return false;
    return true;
}

}  // namespace

std::uint32_t find_place(const RegionLock &lock, const Block &block,
                         const Identity &member) noexcept
{
    return lock.is_held() && !(member == Identity{}) ? search(block, member).found : kNoPlace;
}

std::uint32_t claim_place(const RegionLock &lock, const Block &block,
                          const Identity &member) noexcept
{
    if (!lock.is_held() || member == Identity{})
        return kNoPlace;
    const auto [found, free] = search(block, member);
    if (found != kNoPlace || free == kNoPlace)
        return found;
    auto &load = block.load(free);
    load.active.store(0);
    load.sessions.store(0);
    load.response_time.store(0);
    load.decayed_us.store(0);
    block.slot(free).started_us.store(0);
    block.slot(free).draining_since_us.store(0);
    block.slot(free).drain_deadline_us.store(0);
    forget_counts(block, free);
    block.slot(free).actual.publish(0);
    forget_checks(block.slot(free));
    MemberRecord record{};
    record.identity = member;
    record.use = PlaceUse::kInUse;
    lock.region().write_record(lock, block, free, record);
    return free;
}

base::Status release_place(const RegionLock &lock, const Block &block, std::uint32_t place) noexcept
{
    if (!lock.is_held() || place >= block.capacity())
        return base::Status::kInvalidArgument;
    if (!is_idle(lock.region(), block, place))
        return base::Status::kBusy;
    move_to_sums(block, place);
    forget_checks(block.slot(place));
    MemberRecord record{};
    record.use = PlaceUse::kReleased;
    lock.region().write_record(lock, block, place, record);
    return base::Status::kOk;
}

}  // namespace stickybalancer::shm
