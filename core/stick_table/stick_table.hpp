// SPDX-License-Identifier: Apache-2.0
//
// Which member has a session: sessions by a digest of their key, members by their identity.
//
// A table is split into shards by the key (shard.hpp); nothing here is shared between two of them. A session
// expires when it was not used for a time that the caller says, so another configuration counts at once,
// for sessions that are there already, too. That it has expired is seen when it is looked for; its place
// is given back in small steps by upkeep(), which no request pays for.
//
// Thread safety: any thread of any process. find(), keep(), and learn() of what is known, take no lock; the
// rest takes the lock of one shard, for the time of one operation. Lifetime: the memory's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/stick_table/shard.hpp"
#include "core/stick_table/table_memory.hpp"

namespace stickybalancer::stick_table {

struct Numbers {
    std::uint64_t sessions = 0;  // expired ones, too, until upkeep() comes by
    std::uint64_t learned = 0, evicted = 0, refused = 0, expired = 0, damaged = 0;
};

struct Losses {
    std::uint64_t evicted = 0, refused = 0, damaged = 0;
};

class StickTable {
public:
    explicit StickTable(const TableMemory &memory) noexcept : memory_(memory) {}

    std::uint64_t session_count() const noexcept { return memory_.plan().session_count; }
    const TableMemory &memory() const noexcept { return memory_; }
    Key key_of(std::uint64_t kind, std::string_view text) const noexcept
    {
        return base::keyed_digest(memory_.secret(), kind, text);
    }

    // None that has expired.
    std::optional<Session> find(const Key &key, base::DurationUs expire,
                                base::TimeUs now) const noexcept;
    // A request of the session was answered by the member; it is learned where it is new.
    Learned learn(const Key &key, std::uint64_t member, Origin origin, const Limits &limits,
                  base::TimeUs now) const noexcept;
    // It is in use: the session begins its life anew. False: it is not there.
    bool keep(const Key &key, const Limits &limits, base::TimeUs now) const noexcept;
    bool forget(const Key &key) const noexcept;
    // As it was in another table, where it is not here.
    Learned take_over(const Session &session, const Limits &limits,
                      base::TimeUs now) const noexcept;

    // What is due once a second. True: shards are still to be looked through after a restart.
    bool upkeep(base::DurationUs expire, base::TimeUs now) const noexcept;
    Numbers numbers() const noexcept;
    // What was lost since somebody was last told; for the first of all processes that asks, and not more often
    // than this. None: nothing, or not now.
    std::optional<Losses> losses_to_tell(base::DurationUs at_most_every,
                                         base::TimeUs now) const noexcept;

private:
    Shard shard_of(const Key &key) const noexcept;

    TableMemory memory_;
};

struct CarriedOver {
    std::uint64_t moved = 0;
    std::uint64_t left_out = 0;
};
// All that have not expired, into a table that nobody uses yet. Keys are digests under the earlier table's
// secret, so that becomes this one's.
CarriedOver carry_over(const StickTable &earlier, StickTable &table, base::DurationUs expire,
                       base::TimeUs now) noexcept;

}  // namespace stickybalancer::stick_table
