// SPDX-License-Identifier: Apache-2.0
//
// Turns memory that somebody hands us into a region, or checks that it is one (LAYOUT.md). The core
// neither makes nor names nor frees that memory: a module maps a file, a test uses an array.
//
// A file's life: format() once. Whoever opens it while nobody else has it mapped calls attach() and
// restart(); whoever opens it beside others calls attach() only. A block is added for each balancer
// and stays; the file may be longer than what an older process has mapped, and that process goes on
// with the blocks it knows.
//
// Thread safety: format() and restart() while nobody else uses the memory; the rest from anywhere,
// and what needs a RegionLock says so.
//
// What a kill leaves behind: a MemberRecord is changed by way of the journal. The new record is
// written there whole, then its target is published, then it is copied into its slot, then the
// target is cleared. Killed before the publishing: the old record stands. After it: the next who
// takes the lock, or restart(), copies it again. So the check of a record fails only where bytes
// were damaged from outside, and such a record is dropped by restart(), which counts it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/shm/block.hpp"
#include "core/shm/layout.hpp"
#include "core/shm/robust_lock.hpp"

namespace stickybalancer::shm {

// Why memory is no region.
enum class RegionFault : std::uint8_t {
    kNone,
    kMisaligned,   // the memory, by the host
    kTooSmall,     // for a header, or for what is to be formatted
    kForeign,      // no magic
    kByteOrder,    // made on a machine of the other
    kVersion,      // another major version
    kFingerprint,  // this version, but compiled to other sizes
    kGeometry,     // more or fewer processes or waiters than there can be
    kTruncated,    // it says that it is longer than it is, or shorter than its sections
    kBlock,        // a balancer's block is not where it should be, or not what it should be
    kNoLock,       // the system has no robust mutexes
};
const char *fault_name(RegionFault fault) noexcept;

struct Geometry {
    std::uint32_t process_count = 0;  // 1 to kMostProcesses
    std::uint16_t waiter_count = 0;   // of each: 1 to kMostWaiters
};

// Bytes of a region without blocks; bytes that each balancer's block adds.
std::size_t region_bytes(const Geometry &geometry) noexcept;
std::size_t block_bytes(std::uint32_t capacity, const Geometry &geometry) noexcept;

class RegionLock;

class Region {
public:
    Region() = default;

    RegionHeader &header() const noexcept { return *reinterpret_cast<RegionHeader *>(memory_); }
    const Geometry &geometry() const noexcept { return geometry_; }
    ProcessSlot &process(std::uint32_t index) const noexcept;
    // Slots that may be claimed; those from here on are free.
    std::uint32_t processes_used() const noexcept
    {
        return std::min(header().processes_used.load(), geometry_.process_count);
    }
    bool is_claimed(std::uint32_t process_index) const noexcept
    {
        return process(process_index).pid.acquire() != 0;
    }
    WaiterSlot &waiter(std::uint32_t process, std::uint32_t index) const noexcept;

    // Calls visit(block) for each block that is mapped here, until it returns false. Blocks that
    // are free are visited, too.
    template <typename Visit>
    void each_block(const Visit &visit) const
    {
        Block block;
        for (auto offset = region_bytes(geometry_); block_at(offset, block);
             offset += block.plan().size_bytes)
            if (!visit(block))
                return;
    }
    // False: there is no block at this offset, or it is not mapped here.
    bool block_at(std::uint64_t offset, Block &block) const noexcept;
    // False: none of this balancer.
    bool find_block(const Identity &balancer, Block &block) const noexcept;

    // The balancer's block; a free one that is large enough, or a new one, where it had none.
    // False: the memory that is mapped here has no room. What is behind used_bytes is zero, and the
    // rows of gauges of a new block are not written.
    bool claim_block(const RegionLock &, const Identity &balancer, std::uint32_t capacity,
                     Block &block) const noexcept;
    // For a balancer that is no more: nobody uses the block, in any process.
    void release_block(const RegionLock &, const Block &block) const noexcept;

    MemberRecord read_record(const RegionLock &, const Block &block,
                             std::uint32_t place) const noexcept;
    // The check is made here.
    void write_record(const RegionLock &, const Block &block, std::uint32_t place,
                      const MemberRecord &record) const noexcept;

    struct Restarted {
        RegionFault fault = RegionFault::kNone;
        std::uint32_t dropped_records = 0;
    };
    // Takes what processes that are gone have left: locks, slots, gauges and queues start afresh.
    // Identities, requested states, overrides, run-time members and counters stay.
    Restarted restart() const noexcept;

private:
    friend class RegionLock;
    friend struct Attached;
    friend struct Attached attach(void *, std::size_t) noexcept;

    Region(void *memory, std::size_t mapped_bytes, const Geometry &geometry) noexcept
        : memory_(static_cast<std::byte *>(memory)),
          mapped_bytes_(mapped_bytes),
          geometry_(geometry)
    {
    }
    Journal &journal() const noexcept;
    MemberSlot *slot_at(std::uint64_t offset) const noexcept;
    void finish_record() const noexcept;
    bool append_block(const Identity &balancer, std::uint32_t capacity,
                      Block &block) const noexcept;
    std::uint32_t restart_block(const Block &block) const noexcept;

    std::byte *memory_ = nullptr;
    std::size_t mapped_bytes_ = 0;
    Geometry geometry_;
};

struct Attached {
    RegionFault fault = RegionFault::kNone;
    Region region;
};

// Makes an empty region of zero bytes; others than zero are overwritten up to region_bytes().
// `memory` is aligned to 64 bytes; hash_key is random.
RegionFault format(void *memory, std::size_t size_bytes, const Geometry &geometry,
                   const std::array<std::uint64_t, 2> &hash_key) noexcept;

// Checks everything that leads from one place of the region to another, and nothing else.
Attached attach(void *memory, std::size_t size_bytes) noexcept;

// Who has a slot, a block or a place, and what records say, changes only while this is held: off
// the path of requests.
class RegionLock {
public:
    explicit RegionLock(const Region &region) noexcept
        : region_(region), guard_(region.header().lock)
    {
        if (guard_.owner_died())
            region_.finish_record();
    }
    const Region &region() const noexcept { return region_; }
    bool is_held() const noexcept { return guard_.is_held(); }

private:
    const Region region_;
    RobustGuard guard_;
};

}  // namespace stickybalancer::shm
