// SPDX-License-Identifier: Apache-2.0
//
// One session in the table: one cache line.
//
// What a session is (key, member, when and from whom it was learned) never changes while the entry can be
// found: whoever has something else to say writes another entry and turns the index to that (shard.hpp).
// So a reader sees the one or the other, and a writer that is killed leaves the one or the other. `seq`
// and `check` tell a reader that what it has read was overwritten meanwhile, or damaged.
// What changes with each request, `used_us` and `requests`, is a number by itself.
//
// States: free (member 0; key_low is the next free entry, from 1), found (the index leads here), orphan
// (written, or damaged, and the index does not lead here; repair() decides).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/keyed_digest.hpp"
#include "core/base/relaxed.hpp"

namespace stickybalancer::stick_table {

using Key = base::Digest128;

enum class Origin : std::uint32_t {
    kClient = 0,       // a request said so: it may be made up
    kApplication = 1,  // a member's answer said so
};

struct alignas(64) Entry {
    base::Published<std::uint32_t> seq;    // odd: it is being written, or its writer died
    base::Published<std::uint32_t> check;  // of key, member, learned_us and origin
    base::Published<std::uint64_t> key_high;
    base::Published<std::uint64_t> key_low;
    base::Published<std::uint64_t> member;  // identity; 0: free
    base::Published<std::int64_t> learned_us;
    base::Published<std::uint32_t> origin;
    base::Relaxed<std::uint32_t> requests;
    base::Relaxed<std::int64_t> used_us;
    std::uint64_t reserved;  // 0
};
static_assert(sizeof(Entry) == 64 && alignof(Entry) == 64 && std::is_standard_layout_v<Entry>);
static_assert(offsetof(Entry, check) == 4 && offsetof(Entry, key_high) == 8 &&
              offsetof(Entry, member) == 24 && offsetof(Entry, learned_us) == 32 &&
              offsetof(Entry, origin) == 40 && offsetof(Entry, requests) == 44 &&
              offsetof(Entry, used_us) == 48);

// An entry's content.
struct Session {
    Key key;
    std::uint64_t member = 0;
    Origin origin = Origin::kClient;
    std::uint32_t requests = 0;
    std::int64_t learned_us = 0;
    std::int64_t used_us = 0;
};

// What reading found.
enum class Reading : std::uint8_t {
    kFree,
    kWhole,
    kChanging,  // its writer is at it, or died there
    kDamaged,
};
Reading read(const Entry &entry, Session &out) noexcept;

// The caller alone writes, and the index does not lead to the entry.
void write(Entry &entry, const Session &session) noexcept;
// It is free from here on. Readers that were led here find nobody.
void clear(Entry &entry, std::uint32_t next_free) noexcept;

}  // namespace stickybalancer::stick_table
