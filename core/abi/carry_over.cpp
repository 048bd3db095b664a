// SPDX-License-Identifier: Apache-2.0
#include "core/abi/carry_over.hpp"

#include <iterator>

#include "core/counting/sketch.hpp"
#include "core/shm/check_word.hpp"
#include "core/shm/member_counts.hpp"
#include "core/shm/places.hpp"

namespace stickybalancer::abi {
namespace {

void carry_member_over(const shm::RegionLock &from_lock, const shm::Block &from,
                       std::uint32_t place, const shm::RegionLock &to_lock,
                       const shm::Block &to) noexcept
{
    const auto record = from_lock.region().read_record(from_lock, from, place);
    if (record.use != shm::PlaceUse::kInUse)
        return;
    const auto new_place = shm::claim_place(to_lock, to, record.identity);
    if (new_place == shm::kNoPlace) {
        shm::keep_in_sums(from, place, to);
        return;
    }
    to_lock.region().write_record(to_lock, to, new_place, record);
    to.slot(new_place).actual.publish(from.slot(place).actual.acquire());
    to.slot(new_place).started_us.store(from.slot(place).started_us.load());
    to.slot(new_place).draining_since_us.store(from.slot(place).draining_since_us.load());
    to.slot(new_place).drain_deadline_us.store(from.slot(place).drain_deadline_us.load());
    shm::copy_checks(from.slot(place), to.slot(new_place));
    shm::copy_totals(from.totals(place), to.totals(new_place));
    counting::copy_sketch(from, place, to, new_place);
    auto &load = to.load(new_place);
    load.sessions.store(from.load(place).sessions.load());
    load.decayed_us.store(from.load(place).decayed_us.load());
    load.response_time.store(from.load(place).response_time.load());
}

template <typename Visit>
void each_balancer(const shm::Region &region, const Visit &visit)
{
    region.each_block([&](const shm::Block &block) {
        return block.state().identity == shm::Identity{} || visit(block);
    });
}

// A kill may have left two of one name: the larger one has what was in the other (grown_block.hpp).
bool has_grown(const shm::Region &region, const shm::Block &block) noexcept
{
    bool has_larger = false;
    region.each_block([&](const shm::Block &each) {
        has_larger =
            each.state().identity == block.state().identity && each.capacity() > block.capacity();
        return !has_larger;
    });
    return has_larger;
}

}  // namespace

void carry_over(const shm::RegionLock &from_lock, const shm::Block &from,
                const shm::RegionLock &to_lock, const shm::Block &to) noexcept
{
    for (std::uint32_t place = 0; place < from.capacity(); ++place)
        carry_member_over(from_lock, from, place, to_lock, to);
    shm::add_totals(from.removed_totals(), to.removed_totals());
    to.state().removed_checks_passed.fetch_add(from.state().removed_checks_passed.load());
    to.state().removed_checks_failed.fetch_add(from.state().removed_checks_failed.load());
    to.state().pins_until_us.store(from.state().pins_until_us.load());
    to.state().pins_made_from_s.store(from.state().pins_made_from_s.load());
    to.state().pins_made_to_s.store(from.state().pins_made_to_s.load());
    for (std::size_t reason = 0; reason < shm::kRefusalCount; ++reason)
        to.state().refused_cookies[reason].store(from.state().refused_cookies[reason].load());
}

std::size_t bytes_to_carry_over(const shm::Region &from, const shm::Geometry &geometry) noexcept
{
    auto bytes = shm::region_bytes(geometry);
    each_balancer(from, [&](const shm::Block &block) {
        bytes += shm::block_bytes(block.capacity(), geometry);
        return true;
    });
    return bytes;
}

bool carry_over(const shm::RegionLock &from, const shm::RegionLock &to) noexcept
{
    bool has_room = true;
    each_balancer(from.region(), [&](const shm::Block &block) {
        if (has_grown(from.region(), block))
            return true;
        shm::Block claimed;
        has_room = to.region().claim_block(to, block.state().identity, block.capacity(), claimed);
        if (has_room)
            carry_over(from, block, to, claimed);
        return has_room;
    });
    for (std::size_t i = 0; i < std::size(to.region().header().hash_key); ++i)
        to.region().header().hash_key[i] = from.region().header().hash_key[i];
    to.region().header().lame_duck_until_us.store(from.region().header().lame_duck_until_us.load());
    to.region().header().pins_until_us.store(from.region().header().pins_until_us.load());
    return has_room;
}

}  // namespace stickybalancer::abi
