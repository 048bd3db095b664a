// SPDX-License-Identifier: Apache-2.0
//
// Turns memory that somebody hands us into a table, or checks that it is one (LAYOUT.md).
//
// Everything that leads from one place of a table to another follows from one number, which has a check and
// a second copy. What else is damaged is found where it is: an entry by its own check, the index and the
// list of free entries by repair().
//
// Thread safety: format() and restart() while nobody else uses the memory; the rest from anywhere.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/stick_table/table_layout.hpp"
#include "core/stick_table/shard.hpp"

namespace stickybalancer::stick_table {

// Why memory is no table.
enum class TableFault : std::uint8_t {
    kNone,
    kMisaligned,
    kTooSmall,     // for a head, or for what is to be formatted
    kForeign,      // no magic
    kByteOrder,    // made on a machine of the other
    kVersion,      // another major version
    kFingerprint,  // this version, but compiled to other sizes
    kDamaged,      // neither copy of the head holds up
    kBalancer,     // another's
    kCount,        // of sessions: impossible
    kTruncated,    // it was longer
    kNoLock,       // the system has no robust mutexes
};
const char *fault_name(TableFault fault) noexcept;

class TableMemory {
public:
    const Plan &plan() const noexcept { return plan_; }
    const base::DigestSecret &secret() const noexcept { return secret_; }
    Shard shard(std::uint64_t index) const noexcept
    {
        return {memory_ + kHeaderCopies * sizeof(TableHeader) +
                    static_cast<std::size_t>(index) * plan_.shard_bytes,
                plan_};
    }
    SharedDuties &duties() const noexcept
    {
        return reinterpret_cast<TableHeader *>(memory_)->duties;
    }

    // Locks start afresh; what is in the shards is to be repaired. False: no locks.
    bool restart() const noexcept;
    // The same table, with keys under another secret.
    TableMemory with_secret(const base::DigestSecret &secret) const noexcept;

private:
    friend struct AttachedTable attach(void *, std::size_t, const shm::Identity &) noexcept;
    TableMemory(std::byte *memory, const HeaderCopy &head) noexcept
        : memory_(memory), plan_(head.session_count), secret_(head.secret), head_(head)
    {
    }
    void write_heads() const noexcept;

    std::byte *memory_;
    Plan plan_;
    base::DigestSecret secret_;
    HeaderCopy head_;  // the copy that held up
};

// An empty table, over memory that is zero and aligned to kPage.
TableFault format(void *memory, std::size_t size_bytes, std::uint64_t session_count,
                  const shm::Identity &balancer, const base::DigestSecret &secret) noexcept;

struct AttachedTable {
    TableFault fault;
    TableMemory memory;  // with kNone, and with kTruncated: its plan says how long it was
};
AttachedTable attach(void *memory, std::size_t size_bytes, const shm::Identity &balancer) noexcept;

}  // namespace stickybalancer::stick_table
