// SPDX-License-Identifier: Apache-2.0
//
// A part of the table with a lock of its own: an index of tags over a pool of entries.
//
//   index    [ tag|n  tag|n  0  tag|n ... ]  16 words a line; a key may be in either of two lines
//                 |      |
//   entries  [ e1 ][ e2 ][ e3 ][ ... ]       64 bytes each, in no order; the free ones are a list
//
// Benefits  A lookup reads two lines of the index at once, then one entry: no lock, nothing written, and no
//           chain that somebody could make long. An entry never moves, so a reader never misses one. The
//           index is 5 bytes for each session, and may be nearly full: of two lines the emptier one takes a
//           new key (Azar, Broder, Karlin and Upfal, Balanced allocations, SIAM J. Comput. 29, 1999).
// Costs     Room for sessions is fixed. Whoever learns, forgets or expires takes the lock.
// States of a word: 0, or leads to an entry. Each change is one store:
//   learn      an entry from the free list is written, then a word is turned to it
//   change     another entry is written, then the word is turned from the one to the other
//   forget     the entry is cleared, then the word
// Killed between two stores, a writer leaves an entry that the index does not lead to, or a word that leads
// to a cleared one. Readers pass both by; the next holder of the lock is told, and repairs.
//
// Which session makes room. A new one that only a client vouches for takes the place of one that
// has expired, else of a client's that was seen once only, else of a client's that was not used for
// half its life: whoever makes keys up pushes out others' made-up keys. What the application has named, or
// what is in use, stays; the new one is refused then. A session that the application names may take the
// place of any client's, else of the application's that was not used for longest. The choice is among the
// entries of the key's two buckets; in a table of many shards among a few of them, where one of those has
// expired or was seen once only.
//
// Thread safety: find() by anybody at any time; the rest takes the shard's lock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/time.hpp"
#include "core/shm/robust_lock.hpp"
#include "core/stick_table/table_layout.hpp"

namespace stickybalancer::stick_table {

struct Limits {
    base::DurationUs expire;
    bool refuses_when_full = false;
    base::DurationUs shortest_wait = {};  // somebody asks how long it was not used; 0: nobody

    // When use has to be written down again: a sixteenth of what is decided by it.
    std::int64_t use_step_us() const noexcept
    {
        return (shortest_wait.us != 0 ? std::min(shortest_wait, expire) : expire).us / 16;
    }
};

constexpr bool is_expired(const Session &session, base::DurationUs expire,
                          base::TimeUs now) noexcept
{
    return now.us - session.used_us > expire.us;
}

inline bool is_use_news(const Session &session, const Limits &limits, base::TimeUs now) noexcept
{
    return now.us - session.used_us > limits.use_step_us() || now.us < session.used_us;
}

enum class Learned : std::uint8_t { kLearned, kKnown, kNoRoom, kBroken };

class Shard {
public:
    struct Found {
        Session session;
        Entry *entry;
    };

    Shard(std::byte *memory, const Plan &plan) noexcept
        : memory_(memory),
          bucket_count_(plan.buckets),
          entry_count_(plan.entries),
          is_one_of_many_(plan.shard_count > 1)
    {
    }

    ShardHeader &header() const noexcept { return *reinterpret_cast<ShardHeader *>(memory_); }
    std::uint32_t session_count() const noexcept;

    // Starts the processor on what find() will read; on the entries that a bucket leads to.
    void prefetch(const Key &key) const noexcept;
    void prefetch_entries(std::uint32_t bucket, std::uint32_t first_word = 0,
                          std::uint32_t count = kWordsOfBucket) const noexcept;
    // Expired or not.
    std::optional<Found> find(const Key &key) const noexcept;
    // What a word of the index leads to.
    std::optional<Session> session_at(const base::Published<std::uint32_t> &word) const noexcept;

    // The session, where it is new; else its member, its origin where that is the application, and its use.
    Learned learn(const Session &session, const Limits &limits, base::TimeUs now) const noexcept;
    bool forget(const Key &key) const noexcept;

    // Sessions that have expired make room, of `count` entries from number `first` on.
    void expire(std::uint32_t first, std::uint32_t count, base::DurationUs expire,
                base::TimeUs now) const noexcept;

    // Empty, over memory that is zero. False: the system has no robust mutexes.
    bool format() const noexcept;
    // Nobody else has it. It is to be repaired. False: as above.
    bool restart() const noexcept;
    void repair_if_unchecked() const noexcept;

    // For those who look at all of it (table_check, carry_over).
    std::uint32_t bucket_count() const noexcept { return bucket_count_; }
    std::uint32_t entry_count() const noexcept { return entry_count_; }
    bool is_one_of_many() const noexcept { return is_one_of_many_; }
    // No entry from here on was ever used.
    std::uint32_t used_end() const noexcept
    {
        return std::min(header().used_end.load(), entry_count_);
    }
    Bucket &bucket(std::uint32_t index) const noexcept
    {
        return reinterpret_cast<Bucket *>(memory_ + sizeof(ShardHeader))[index];
    }
    Entry &entry(std::uint32_t index) const noexcept
    {
        return reinterpret_cast<Entry *>(memory_ + sizeof(ShardHeader) +
                                         std::size_t{bucket_count_} * sizeof(Bucket))[index];
    }
    struct Buckets {
        std::uint32_t first, second;
    };
    Buckets buckets_of(const Key &key) const noexcept;
    static std::uint32_t tag_of(const Key &key) noexcept
    {
        return static_cast<std::uint32_t>(key.high & 0xFFFF) << 16;
    }
    // The entry that a word leads to; none where there is no such entry.
    std::optional<std::uint32_t> entry_of(std::uint32_t word) const noexcept
    {
        const auto number = word & 0xFFFF;
        return number == 0 || number > entry_count_ ? std::nullopt
                                                    : std::optional<std::uint32_t>(number - 1);
    }

private:
    class Writer;

    std::byte *memory_;
    std::uint32_t bucket_count_;
    std::uint32_t entry_count_;
    bool is_one_of_many_;
};

}  // namespace stickybalancer::stick_table
