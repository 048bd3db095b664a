// SPDX-License-Identifier: Apache-2.0
#include "core/shm/region.hpp"

#include <cstring>

#include "core/shm/gauge_word.hpp"
#include "core/shm/member_counts.hpp"
#include "core/shm/record.hpp"

namespace stickybalancer::shm {
namespace {

constexpr std::uint64_t fingerprint() noexcept
{
    constexpr std::uint64_t facts[] = {sizeof(RegionHeader),
                                       offsetof(RegionHeader, used_bytes),
                                       offsetof(RegionHeader, lame_duck_until_us),
                                       sizeof(ProcessSlot),
                                       offsetof(ProcessSlot, waiters_used),
                                       sizeof(WaiterSlot),
                                       offsetof(WaiterSlot, ticket),
                                       offsetof(WaiterSlot, deadline_us),
                                       sizeof(BalancerState),
                                       offsetof(BalancerState, generation),
                                       offsetof(BalancerState, refused_cookies),
                                       offsetof(BalancerState, identity),
                                       offsetof(BalancerState, capacity),
                                       offsetof(BalancerState, total_active),
                                       sizeof(MemberConfig),
                                       offsetof(MemberConfig, redirect),
                                       sizeof(MemberRecord),
                                       offsetof(MemberRecord, configured),
                                       offsetof(MemberRecord, in_force),
                                       offsetof(MemberRecord, url),
                                       sizeof(MemberSlot),
                                       offsetof(MemberSlot, actual),
                                       sizeof(Journal),
                                       sizeof(MemberLoad),
                                       sizeof(MemberTotals),
                                       offsetof(MemberTotals, causes),
                                       offsetof(MemberTotals, failures),
                                       offsetof(MemberTotals, queue_lost),
                                       sizeof(SketchHead),
                                       offsetof(SketchHead, estimate),
                                       kSketchRows,
                                       sizeof(MemberQueue),
                                       offsetof(MemberQueue, waiting),
                                       sizeof(Gauge),
                                       offsetof(Gauge, queued),
                                       sizeof(pthread_mutex_t),
                                       kRefusalCount,
                                       kCursorCount};
    std::uint64_t digest = 14695981039346656037U;  // FNV-1a, by Fowler, Noll and Vo
    for (const auto fact : facts)
        digest = (digest ^ fact) * 1099511628211U;
    return digest;
}

constexpr bool is_sane(const Geometry &geometry) noexcept
{
    return geometry.process_count >= 1 && geometry.process_count <= kMostProcesses &&
           geometry.waiter_count >= 1 && geometry.waiter_count <= kMostWaiters;
}

constexpr bool is_sane(std::uint32_t capacity) noexcept
{
    return capacity >= 1 && capacity <= kMostPlaces;
}

constexpr std::size_t kJournalOffset = sizeof(RegionHeader);
constexpr std::size_t kProcessesOffset = kJournalOffset + sizeof(Journal);

RegionFault fault_of_header(const RegionHeader &header) noexcept
{
    if (header.magic == __builtin_bswap64(kMagic))
        return RegionFault::kByteOrder;
    if (header.magic != kMagic)
        return RegionFault::kForeign;
    if (header.byte_order != kByteOrderMark)
        return RegionFault::kByteOrder;
    if (header.major != kLayoutMajor)
        return RegionFault::kVersion;
    return header.fingerprint == fingerprint() ? RegionFault::kNone : RegionFault::kFingerprint;
}

}  // namespace

const char *fault_name(RegionFault fault) noexcept
{
    static constexpr const char *kNames[] = {"none",       "misaligned", "too small",   "foreign",
                                             "byte order", "version",    "fingerprint", "geometry",
                                             "truncated",  "block",      "no lock"};
    return kNames[static_cast<std::size_t>(fault)];
}

std::size_t region_bytes(const Geometry &geometry) noexcept
{
    return kProcessesOffset +
           geometry.process_count *
               (sizeof(ProcessSlot) + std::size_t{geometry.waiter_count} * sizeof(WaiterSlot));
}

std::size_t block_bytes(std::uint32_t capacity, const Geometry &geometry) noexcept
{
    return BlockPlan(capacity, geometry.process_count).size_bytes;
}

RegionFault format(void *memory, std::size_t size_bytes, const Geometry &geometry,
                   const std::array<std::uint64_t, 2> &hash_key) noexcept
{
    if (reinterpret_cast<std::uintptr_t>(memory) % kLine != 0)
        return RegionFault::kMisaligned;
    if (!is_sane(geometry))
        return RegionFault::kGeometry;
    if (size_bytes < region_bytes(geometry))
        return RegionFault::kTooSmall;
    // The sections of processes are cleared by whoever claims a slot; a slot is free by its pid.
    std::memset(memory, 0, kProcessesOffset + geometry.process_count * sizeof(ProcessSlot));
    auto *header = static_cast<RegionHeader *>(memory);
    if (!init_lock(header->lock))
        return RegionFault::kNoLock;
    header->major = kLayoutMajor;
    header->minor = kLayoutMinor;
    header->byte_order = kByteOrderMark;
    header->fingerprint = fingerprint();
    header->process_count = geometry.process_count;
    header->waiter_count = geometry.waiter_count;
    header->hash_key[0] = hash_key[0];
    header->hash_key[1] = hash_key[1];
    header->used_bytes.publish(region_bytes(geometry));
    header->magic = kMagic;  // last: a file whose maker was killed before is foreign
    return RegionFault::kNone;
}

Attached attach(void *memory, std::size_t size_bytes) noexcept
{
    if (reinterpret_cast<std::uintptr_t>(memory) % kLine != 0)
        return {RegionFault::kMisaligned, {}};
    if (memory == nullptr || size_bytes < sizeof(RegionHeader))
        return {RegionFault::kTooSmall, {}};
    const auto &header = *static_cast<const RegionHeader *>(memory);
    if (const auto fault = fault_of_header(header); fault != RegionFault::kNone)
        return {fault, {}};
    const Geometry geometry{header.process_count, header.waiter_count};
    if (!is_sane(geometry))
        return {RegionFault::kGeometry, {}};
    const auto used_bytes = header.used_bytes.acquire();
    if (used_bytes > size_bytes || used_bytes < region_bytes(geometry))
        return {RegionFault::kTruncated, {}};
    const Region region(memory, size_bytes, geometry);
    auto end = region_bytes(geometry);
    region.each_block([&](const Block &block) {
        end = block.offset() + block.plan().size_bytes;
        return true;
    });
    if (end < used_bytes)
        return {RegionFault::kBlock, {}};
    return {RegionFault::kNone, region};
}

ProcessSlot &Region::process(std::uint32_t index) const noexcept
{
    assert(index < geometry_.process_count);
    return reinterpret_cast<ProcessSlot *>(memory_ + kProcessesOffset)[index];
}

WaiterSlot &Region::waiter(std::uint32_t process, std::uint32_t index) const noexcept
{
    assert(process < geometry_.process_count && index < geometry_.waiter_count);
    auto *first = memory_ + kProcessesOffset + geometry_.process_count * sizeof(ProcessSlot);
    return reinterpret_cast<WaiterSlot *>(
        first)[std::size_t{process} * geometry_.waiter_count + index];
}

bool Region::block_at(std::uint64_t offset, Block &block) const noexcept
{
    const auto used = header().used_bytes.acquire();
    const auto end = used < mapped_bytes_ ? used : mapped_bytes_;
    if (offset % kLine != 0 || offset < region_bytes(geometry_) || offset > end ||
        end - offset < sizeof(BalancerState))
        return false;
    const auto &state = *reinterpret_cast<const BalancerState *>(memory_ + offset);
    const auto capacity = state.capacity;
    if (!is_sane(capacity))
        return false;
    const Block found(memory_, offset, capacity, geometry_.process_count);
    if (state.block_bytes != found.plan().size_bytes || end - offset < state.block_bytes)
        return false;
    block = found;
    return true;
}

bool Region::find_block(const Identity &balancer, Block &block) const noexcept
{
    bool is_found = false;
    each_block([&](const Block &each) {
        is_found = each.state().identity == balancer;
        if (is_found)
            block = each;
        return !is_found;
    });
    return is_found;
}

bool Region::claim_block(const RegionLock &lock, const Identity &balancer, std::uint32_t capacity,
                         Block &block) const noexcept
{
    if (!lock.is_held() || balancer == Identity{} || !is_sane(capacity))
        return false;
    if (find_block(balancer, block))
        return true;
    bool is_reused = false;
    each_block([&](const Block &each) {
        is_reused = each.state().identity == Identity{} && each.capacity() >= capacity;
        if (is_reused)
            block = each;
        return !is_reused;
    });
    if (!is_reused)
        return append_block(balancer, capacity, block);
    block.state().identity = balancer;
    return true;
}

bool Region::append_block(const Identity &balancer, std::uint32_t capacity,
                          Block &block) const noexcept
{
    const auto offset = header().used_bytes.acquire();
    const auto size_bytes = block_bytes(capacity, geometry_);
    if (offset > mapped_bytes_ || mapped_bytes_ - offset < size_bytes)
        return false;
    const Block added(memory_, offset, capacity, geometry_.process_count);
    // An earlier attempt, killed on the way, may have left something. The rows of gauges stay as
    // they are, but for those that count already.
    std::memset(memory_ + offset, 0, added.plan().gauges);
    for (std::uint32_t index = 0; index < processes_used(); ++index)
        if (is_claimed(index))
            clear_row(added, index);
    for (std::uint32_t place = 0; place < capacity; ++place)
        if (!init_lock(added.queue(place).lock))
            return false;
    added.state().capacity = capacity;
    added.state().block_bytes = size_bytes;
    added.state().identity = balancer;
    header().used_bytes.publish(offset + size_bytes);
    block = added;
    return true;
}

void Region::release_block(const RegionLock &lock, const Block &block) const noexcept
{
    if (!lock.is_held())
        return;
    // The identity last: whoever is killed on the way leaves a block that is released again.
    for (std::uint32_t place = 0; place < block.capacity(); ++place) {
        if (read_record(lock, block, place).use != PlaceUse::kNever)
            write_record(lock, block, place, {});
        block.slot(place).actual.publish(0);
        block.slot(place).drain_deadline_us.store(0);
        std::memset(static_cast<void *>(&block.load(place)), 0, sizeof(MemberLoad));
        forget_counts(block, place);
        block.queue(place).waiting.store(0);
    }
    forget_totals(block.removed_totals());
    auto &state = block.state();
    state.removed_checks_passed.store(0);
    state.removed_checks_failed.store(0);
    state.total_active.store(0);
    for (auto &weight : state.serving_weights)
        weight.store(0);
    std::memset(static_cast<void *>(&state), 0, offsetof(BalancerState, block_bytes));
}

Journal &Region::journal() const noexcept
{
    return *reinterpret_cast<Journal *>(memory_ + kJournalOffset);
}

MemberRecord Region::read_record(const RegionLock &, const Block &block,
                                 std::uint32_t place) const noexcept
{
    return block.slot(place).record;
}

void Region::write_record(const RegionLock &lock, const Block &block, std::uint32_t place,
                          const MemberRecord &record) const noexcept
{
    if (!lock.is_held())
        return;
    auto &pending = journal();
    pending.record = record;
    pending.record.check = record_check(pending.record);
    pending.target.publish(block.offset() + block.plan().slots + place * sizeof(MemberSlot));
    finish_record();
}

// The slot at this offset, where there is one.
MemberSlot *Region::slot_at(std::uint64_t offset) const noexcept
{
    MemberSlot *found = nullptr;
    each_block([&](const Block &block) {
        const auto first = block.offset() + block.plan().slots;
        const auto end = block.offset() + block.plan().loads;
        if (offset >= first && offset < end && (offset - first) % sizeof(MemberSlot) == 0)
            found = reinterpret_cast<MemberSlot *>(memory_ + offset);
        return found == nullptr;
    });
    return found;
}

void Region::finish_record() const noexcept
{
    auto &pending = journal();
    const auto target = pending.target.acquire();
    if (target == 0)
        return;
    auto *slot = slot_at(target);
    if (slot != nullptr && is_sound(pending.record))
        slot->record = pending.record;
    pending.target.publish(0);
}

Region::Restarted Region::restart() const noexcept
{
    if (!init_lock(header().lock))
        return {RegionFault::kNoLock, 0};
    finish_record();
    // What belongs to a slot is cleared by whoever claims it, so that unused pages stay unused.
    for (std::uint32_t index = 0; index < geometry_.process_count; ++index)
        if (is_claimed(index))
            process(index).pid.publish(0);
    header().processes_used.store(0);
    Restarted restarted;
    each_block([&](const Block &block) {
        for (std::uint32_t place = 0; place < block.capacity(); ++place)
            if (!init_lock(block.queue(place).lock))
                restarted.fault = RegionFault::kNoLock;
        restarted.dropped_records += restart_block(block);
        return true;
    });
    return restarted;
}

std::uint32_t Region::restart_block(const Block &block) const noexcept
{
    std::uint32_t dropped = 0;
    block.state().total_active.store(0);
    for (auto &weight : block.state().serving_weights)
        weight.store(0);
    for (auto &word : block.tree())
        word.store(0);
    for (std::uint32_t place = 0; place < block.capacity(); ++place) {
        block.load(place).active.store(0);
        block.queue(place).waiting.store(0);
        auto &slot = block.slot(place);
        slot.drain_deadline_us.store(is_sound(slot.record) ? slot.record.drain_deadline_us : 0);
        if (is_sound(slot.record))
            continue;
        // Not zero bytes: others that were placed behind it are still to be found.
        slot.record = {};
        slot.record.use = PlaceUse::kReleased;
        slot.record.check = record_check(slot.record);
        slot.actual.publish(0);
        block.load(place).sessions.store(0);
        block.load(place).response_time.store(0);
        forget_counts(block, place);
        ++dropped;
    }
    return dropped;
}

}  // namespace stickybalancer::shm
