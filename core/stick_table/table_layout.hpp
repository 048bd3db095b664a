// SPDX-License-Identifier: Apache-2.0
//
// A table in memory that processes share, and in the file that outlives them (LAYOUT.md). Everything
// follows from how many sessions it was made for, so there is little in its head that could be damaged;
// and of that there are two copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/keyed_digest.hpp"
#include "core/shm/layout.hpp"
#include "core/stick_table/entry.hpp"

namespace stickybalancer::stick_table {

inline constexpr std::uint64_t kMagic = 0x0a656c6261746273;  // "sbtable", newline
inline constexpr std::uint16_t kLayoutMajor = 1;             // other: not read
inline constexpr std::uint16_t kLayoutMinor = 0;

inline constexpr std::uint64_t kFewestSessions = 16;
inline constexpr std::uint64_t kMostSessions = 1'000'000'000;
inline constexpr std::size_t kPage = 4096;

struct HeaderCopy {
    std::uint64_t magic;
    std::uint16_t major;
    std::uint16_t minor;
    std::uint16_t byte_order;
    std::uint16_t reserved0;
    std::uint64_t fingerprint;  // of every size and offset here and in entry.hpp
    std::uint64_t session_count;
    shm::Identity balancer;
    base::DigestSecret secret;  // of keys
    std::uint64_t check;        // of all before it
    std::uint64_t reserved1[7];
};
static_assert(sizeof(HeaderCopy) == 128 && offsetof(HeaderCopy, session_count) == 24 &&
              offsetof(HeaderCopy, secret) == 48 && offsetof(HeaderCopy, check) == 64 &&
              std::is_standard_layout_v<HeaderCopy>);

// What processes do for each other; of the first copy's page only.
struct SharedDuties {
    base::Relaxed<std::uint64_t> upkeep_position;  // where its next round begins
    base::Relaxed<std::int64_t> told_us;           // when somebody was last told of losses
    base::Relaxed<std::uint64_t> told_evicted;     // up to here
    base::Relaxed<std::uint64_t> told_refused;
    base::Relaxed<std::uint64_t> told_damaged;
};
static_assert(sizeof(SharedDuties) == 40 && std::is_standard_layout_v<SharedDuties>);

struct alignas(kPage) TableHeader {
    HeaderCopy copy;
    SharedDuties duties;
    std::uint8_t reserved[kPage - sizeof(HeaderCopy) - sizeof(SharedDuties)];
};
static_assert(sizeof(TableHeader) == kPage);

inline constexpr std::size_t kHeaderCopies = 2;

// What is behind the lock is changed by its holder; numbers are read by anybody.
struct ShardHeader {
    shm::LockLine lock;
    base::Relaxed<std::uint32_t> free_head;     // entry, from 1; 0: none
    base::Relaxed<std::uint32_t> free_count;    // in the list or never used
    base::Relaxed<std::uint32_t> used_end;      // no entry from here on was ever used
    base::Relaxed<std::uint32_t> is_unchecked;  // to be repaired before anything is written
    base::Relaxed<std::uint64_t> learned;
    base::Relaxed<std::uint64_t> evicted;
    base::Relaxed<std::uint64_t> refused;
    base::Relaxed<std::uint64_t> expired;
    base::Relaxed<std::uint64_t> damaged;
    std::uint64_t reserved1;
};
static_assert(sizeof(ShardHeader) == 128 && offsetof(ShardHeader, free_head) == 64 &&
              offsetof(ShardHeader, learned) == 80 && std::is_standard_layout_v<ShardHeader>);

// One line of the index: each word is 0, or 16 bits of a key and the number of its entry, from 1.
inline constexpr std::uint32_t kWordsOfBucket = 16;
struct alignas(64) Bucket {
    base::Published<std::uint32_t> words[kWordsOfBucket];
};
static_assert(sizeof(Bucket) == 64);

inline constexpr std::uint32_t kMostEntriesOfShard = 0xFFFF;

constexpr std::uint64_t square_root(std::uint64_t value) noexcept
{
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1)
        if ((root + bit) * (root + bit) <= value)
            root += bit;
    return root;
}

// The sections of a table; session_count within its limits.
struct Plan {
    std::uint64_t session_count;
    std::uint64_t shard_count;
    std::uint32_t entries;  // of each shard; one of them is always free
    std::uint32_t buckets;
    std::size_t shard_bytes;
    std::size_t size_bytes;

    constexpr explicit Plan(std::uint64_t sessions) noexcept
        : session_count(sessions),
          shard_count((sessions + kSessionsOfShard - 1) / kSessionsOfShard),
          entries(entries_of_shard(sessions, shard_count)),
          buckets(entries / kSessionsOfBucket + 2),
          shard_bytes(sizeof(ShardHeader) + std::size_t{buckets} * sizeof(Bucket) +
                      std::size_t{entries} * sizeof(Entry)),
          size_bytes(kHeaderCopies * sizeof(TableHeader) +
                     static_cast<std::size_t>(shard_count) * shard_bytes)
    {
    }

private:
    static constexpr std::uint64_t kSessionsOfShard = 40'000;
    // Of 16 words: with two buckets to choose from, both are full once in some hundred thousand times.
    static constexpr std::uint32_t kSessionsOfBucket = 13;

    // Keys are spread over the shards by chance: each has room for its part and 4.5 standard
    // deviations, and one entry more, which a change is written to.
    static constexpr std::uint32_t entries_of_shard(std::uint64_t sessions,
                                                    std::uint64_t shards) noexcept
    {
        const auto part = (sessions + shards - 1) / shards;
        const auto margin = shards == 1 ? 0 : (9 * square_root(part) + 1) / 2;
        return static_cast<std::uint32_t>(part + margin + 1);
    }
};
static_assert(Plan(kMostSessions).entries <= kMostEntriesOfShard);

}  // namespace stickybalancer::stick_table
