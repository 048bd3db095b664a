// SPDX-License-Identifier: Apache-2.0
//
// Every byte that two processes share. Change it only together with LAYOUT.md and the version.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/fixed_text.hpp"
#include "core/base/relaxed.hpp"

namespace stickybalancer::shm {

inline constexpr std::uint64_t kMagic = 0x0a62796b63697473;  // "stickyb", newline
inline constexpr std::uint16_t kByteOrderMark = 0x0102;
inline constexpr std::uint16_t kLayoutMajor = 4;  // other: refuse to attach
inline constexpr std::uint16_t kLayoutMinor =
    0;                                    // other: fine; fields it added are 0 in older ones
inline constexpr std::size_t kLine = 64;  // bytes of a cache line, and the unit of every section
inline constexpr std::size_t kCursorCount = 7;
inline constexpr std::size_t kRefusalCount = 16;
inline constexpr std::size_t kCauseCount = 9;
inline constexpr std::size_t kCookieOutcomeCount = 6;
inline constexpr std::size_t kFailureCount = 4;
inline constexpr std::uint32_t kMostProcesses = 1U << 16;
inline constexpr std::uint32_t kMostWaiters = 1U << 14;  // of one process
inline constexpr std::uint32_t kMostPlaces = 1U << 16;   // of one balancer

// A robust mutex that processes share (robust_lock.hpp).
struct alignas(kLine) LockLine {
    pthread_mutex_t mutex;
};
static_assert(sizeof(LockLine) == 64 && std::is_standard_layout_v<LockLine>);

struct Identity {  // a digest of what names a balancer or a member; zero: nobody
    std::uint64_t high;
    std::uint64_t low;
    friend bool operator==(const Identity &, const Identity &) = default;
};

struct alignas(kLine) RegionHeader {
    std::uint64_t magic;
    std::uint16_t major;
    std::uint16_t minor;
    std::uint16_t byte_order;
    std::uint16_t waiter_count;  // of each process, for the life of the region
    std::uint64_t
        fingerprint;  // of every size and offset below: catches what a forgotten version does not
    std::uint32_t process_count;                  // slots, for the life of the region
    base::Relaxed<std::uint32_t> processes_used;  // no slot from here on was claimed so far
    std::uint64_t hash_key[2];  // random; digests that are kept here are keyed with it
    // The end of the last block. It publishes that block to those who walk over the blocks.
    base::Published<std::uint64_t> used_bytes;
    base::Relaxed<std::uint64_t> tickets;  // drawn so far by those who wait (capacity/queue.hpp)
    // Held for every change of who has a slot, a block or a place, and of a MemberRecord.
    LockLine lock;
    base::Relaxed<std::int64_t> lame_duck_until_us;  // of the whole server; 0: it is none
    base::Relaxed<std::int64_t> pins_until_us;       // the latest of those of all balancers
    std::uint64_t reserved[6];
};
static_assert(sizeof(RegionHeader) == 192 && std::is_standard_layout_v<RegionHeader>);
static_assert(offsetof(RegionHeader, fingerprint) == 16 &&
              offsetof(RegionHeader, process_count) == 24 &&
              offsetof(RegionHeader, hash_key) == 32);
static_assert(offsetof(RegionHeader, used_bytes) == 48 && offsetof(RegionHeader, tickets) == 56 &&
              offsetof(RegionHeader, lock) == 64 &&
              offsetof(RegionHeader, lame_duck_until_us) == 128 &&
              offsetof(RegionHeader, pins_until_us) == 136);

// A process that serves requests. Its gauges and its waiters are found by the slot's index.
struct alignas(kLine) ProcessSlot {
    base::Published<std::uint32_t> pid;         // 0: free, and nothing of the slot's counts
    base::Relaxed<std::uint32_t> waiters_used;  // none of its waiters from here on was ever used
    base::Relaxed<std::int64_t> started_us;
    std::uint64_t reserved[6];
};
static_assert(sizeof(ProcessSlot) == 64 && std::is_standard_layout_v<ProcessSlot>);
static_assert(offsetof(ProcessSlot, waiters_used) == 4 && offsetof(ProcessSlot, started_us) == 8);

// A request that waits for its turn at a member (capacity/queue.hpp). Written by its own process;
// others add to the word, to wake it.
struct alignas(kLine) WaiterSlot {
    base::Relaxed<std::uint32_t> word;      // a futex: whoever wakes the waiter adds one
    base::Relaxed<std::uint32_t> is_taken;  // by a thread of its process
    base::Relaxed<std::uint64_t> ticket;    // 0: does not wait; no two are the same
    base::Relaxed<std::uint64_t> block;     // offset of the balancer's
    base::Relaxed<std::uint32_t> place;
    std::uint32_t reserved0;
    base::Relaxed<std::int64_t> deadline_us;
    std::uint64_t reserved1[3];
};
static_assert(sizeof(WaiterSlot) == 64 && std::is_standard_layout_v<WaiterSlot>);
static_assert(offsetof(WaiterSlot, ticket) == 8 && offsetof(WaiterSlot, block) == 16 &&
              offsetof(WaiterSlot, place) == 24 && offsetof(WaiterSlot, deadline_us) == 32);

// What all processes know of one balancer, and the head of its block. Requests write the first line
// and the last, only read the second, and write the others when they refuse a cookie.
struct alignas(kLine) BalancerState {
    base::Relaxed<std::uint64_t>
        cursors[kCursorCount];  // whose turn it is, one for each set of members
    std::uint64_t reserved0;
    // Goes up when members or settings were changed at run time; whoever holds an older snapshot
    // reads them again. It publishes those changes to the processes that compare it.
    base::Published<std::uint64_t> generation;
    base::Relaxed<std::uint64_t>
        last_fact;  // what one process has said for all (sb_balancer_is_news)
    base::Relaxed<std::int64_t> refreshed_us;   // when one did for all what is due once a second
    base::Published<std::uint64_t> prober;      // who checks members (health/probe_lease.hpp)
    base::Relaxed<std::uint64_t> next_swept;    // place whose sketch is swept next
    base::Relaxed<std::int64_t> pins_until_us;  // the last pin has ended by then; 0: none was made
    base::Relaxed<std::int64_t>
        pins_made_from_s;  // those that were made before were taken back; 0: none was
    base::Relaxed<std::int64_t> pins_made_to_s;  // the latest that any was made; 0: none was
    base::Relaxed<std::uint64_t>
        refused_cookies[kRefusalCount];  // by reason (persistence/cookie_value.hpp)
    // Of virtual host and balancer name; zero: the block is free, and may be given to a balancer
    // that needs no more places.
    Identity identity;
    std::uint64_t block_bytes;
    std::uint32_t capacity;  // places for members
    std::uint32_t reserved2;
    base::Relaxed<std::uint64_t> removed_checks_passed;  // by members that are no more
    base::Relaxed<std::uint64_t> removed_checks_failed;
    std::uint64_t reserved3[2];
    base::Relaxed<std::uint64_t> total_active;  // as MemberLoad::active, of all members
    // What can serve of each choice of members, one a cursor (balance/policy.hpp).
    base::Relaxed<std::uint64_t> serving_weights[kCursorCount];
};
static_assert(sizeof(BalancerState) == 384 && alignof(BalancerState) == 64);
static_assert(offsetof(BalancerState, generation) == 64 &&
              offsetof(BalancerState, last_fact) == 72 && offsetof(BalancerState, prober) == 88 &&
              offsetof(BalancerState, pins_until_us) == 104 &&
              offsetof(BalancerState, pins_made_from_s) == 112 &&
              offsetof(BalancerState, pins_made_to_s) == 120 &&
              offsetof(BalancerState, refused_cookies) == 128);
static_assert(offsetof(BalancerState, identity) == 256 &&
              offsetof(BalancerState, block_bytes) == 272 &&
              offsetof(BalancerState, capacity) == 280 &&
              offsetof(BalancerState, removed_checks_passed) == 288 &&
              offsetof(BalancerState, total_active) == 320 &&
              offsetof(BalancerState, serving_weights) == 328 &&
              std::is_standard_layout_v<BalancerState>);

// What a configuration, or an operator over it, says of a member (overrides/merge.hpp).
struct MemberConfig {
    std::uint32_t weight_hundredths;
    std::uint32_t set;
    std::uint32_t state_bits;  // the host's
    std::uint32_t reserved0;
    base::FixedText<64> route;
    base::FixedText<64> redirect;
    std::uint64_t reserved1[2];
};
static_assert(sizeof(MemberConfig) == 160 && std::is_standard_layout_v<MemberConfig>);
static_assert(offsetof(MemberConfig, route) == 16 && offsetof(MemberConfig, redirect) == 80);

enum class PlaceUse : std::uint32_t {
    kNever = 0,  // zero bytes
    kInUse = 1,
    kReleased = 2,  // was in use: a search goes on behind it (places.hpp)
};
enum class Requested : std::uint32_t { kReady = 0, kDrain = 1, kStopped = 2 };

// What outlives every process: written as a whole, under the region's lock (Region::write_record).
struct MemberRecord {
    std::uint64_t check;  // of all bytes behind it (record_check)
    Identity identity;    // of the member's URL
    PlaceUse use;
    Requested requested;
    std::int64_t requested_since_us;
    std::uint32_t is_run_time_member;  // added by an operator; url says which
    std::uint32_t was_configured;      // `configured` is what a configuration said
    std::int64_t drain_deadline_us;    // asked for with kDrain; 0: as configured
    MemberConfig configured;           // what the last configuration said
    MemberConfig in_force;             // with what an operator has changed since
    base::FixedText<512> url;
    std::uint64_t reserved;
};
static_assert(sizeof(MemberRecord) == 896 && std::is_standard_layout_v<MemberRecord> &&
              std::is_trivially_copyable_v<MemberRecord>);
static_assert(offsetof(MemberRecord, use) == 24 && offsetof(MemberRecord, requested) == 28 &&
              offsetof(MemberRecord, requested_since_us) == 32 &&
              offsetof(MemberRecord, is_run_time_member) == 40 &&
              offsetof(MemberRecord, drain_deadline_us) == 48);
static_assert(offsetof(MemberRecord, configured) == 56 && offsetof(MemberRecord, in_force) == 216 &&
              offsetof(MemberRecord, url) == 376);

struct alignas(kLine) MemberSlot {
    MemberRecord record;
    base::Relaxed<std::int64_t> drain_deadline_us;  // as the record says, for requests
    base::Relaxed<std::uint64_t> check_text[7];     // what the last check found
    base::Published<std::uint64_t> actual;          // a word of three parts (actual_state.hpp)
    // When the member came back, for its slow start; 0: it never did.
    base::Relaxed<std::int64_t> started_us;
    base::Relaxed<std::int64_t> draining_since_us;  // 0: it does not drain
    base::Published<std::uint64_t> check;           // what checks say of it (check_word.hpp)
    base::Relaxed<std::int64_t> probe_due_us;       // of its next check; 0: none was planned yet
    base::Relaxed<std::uint64_t> probes_passed;
    base::Relaxed<std::uint64_t> probes_failed;
    base::Relaxed<std::uint64_t> last_probe;  // how long the last one took, in microseconds
};
static_assert(sizeof(MemberSlot) == 1024 && offsetof(MemberSlot, drain_deadline_us) == 896 &&
              offsetof(MemberSlot, check_text) == 904 && offsetof(MemberSlot, actual) == 960 &&
              offsetof(MemberSlot, draining_since_us) == 976 &&
              offsetof(MemberSlot, check) == 984 && offsetof(MemberSlot, last_probe) == 1016 &&
              std::is_standard_layout_v<MemberSlot>);

// A record on its way into its slot: whoever finds a target here writes it once more.
struct alignas(kLine) Journal {
    base::Published<std::uint64_t> target;  // the slot's offset, 0 none; publishes the record
    MemberRecord record;
    std::uint64_t reserved[15];
};
static_assert(sizeof(Journal) == 1024 && offsetof(Journal, record) == 8 &&
              std::is_standard_layout_v<Journal>);

// What requests write of one member, over all processes: a line of its own. Zero bytes are a member
// that nobody was sent to yet.
struct alignas(kLine) MemberLoad {
    base::Relaxed<std::uint32_t> active;         // attempts under way, for balancing
    base::Relaxed<std::uint32_t> sessions;       // see balance/placed_sessions.hpp
    base::Relaxed<std::uint64_t> response_time;  // see balance/least_time.hpp
    base::Relaxed<std::int64_t> decayed_us;      // when sessions last did
    std::uint64_t reserved[5];
};
static_assert(sizeof(MemberLoad) == 64 && alignof(MemberLoad) == 64 &&
              std::is_standard_layout_v<MemberLoad>);
static_assert(offsetof(MemberLoad, response_time) == 8 && offsetof(MemberLoad, decayed_us) == 16);

// What was counted of one member, over all processes, since it has its place; behind those of all places, of members
// that are no more. What most requests write,
// cookies and the first two causes, is one line.
struct alignas(kLine) MemberTotals {
    base::Relaxed<std::uint64_t> cookies[kCookieOutcomeCount];  // of first attempts
    base::Relaxed<std::uint64_t> causes[kCauseCount];           // attempts
    base::Relaxed<std::uint64_t> retried;
    base::Relaxed<std::uint64_t> failures[kFailureCount];
    base::Relaxed<std::uint64_t> queue_waits;
    base::Relaxed<std::uint64_t> queue_us;
    base::Relaxed<std::uint64_t> queue_lost;
    std::uint64_t reserved;
};
static_assert(sizeof(MemberTotals) == 192 && std::is_standard_layout_v<MemberTotals>);
static_assert(offsetof(MemberTotals, causes) == 48 && offsetof(MemberTotals, retried) == 120 &&
              offsetof(MemberTotals, failures) == 128 &&
              offsetof(MemberTotals, queue_waits) == 160 &&
              offsetof(MemberTotals, queue_lost) == 176);

// The head of a member's sketch of its clients (counting/sketch.hpp); its cells are behind the gauges. Requests
// only read it, but for a second's first.
struct alignas(kLine) SketchHead {
    base::Published<std::uint32_t> scale;  // a slice is 2^scale us; 0: nobody is counted
    base::Relaxed<std::uint32_t> rows;     // bits: those that were ever written
    base::Relaxed<std::int64_t> lifetime_us;
    base::Relaxed<std::int64_t> swept_us;
    base::Relaxed<std::int64_t> last_seen_us;
    base::Relaxed<std::uint64_t> estimate;         // as of swept_us
    base::Relaxed<std::int64_t> last_of_table_us;  // last_seen_us of clients that the table counts
    base::Relaxed<std::int64_t>
        last_of_both_us;  // ... and whom a cookie or URL would keep without it
    std::uint64_t reserved;
};
static_assert(sizeof(SketchHead) == 64 && std::is_standard_layout_v<SketchHead>);
static_assert(offsetof(SketchHead, lifetime_us) == 8 && offsetof(SketchHead, swept_us) == 16 &&
              offsetof(SketchHead, last_seen_us) == 24 && offsetof(SketchHead, estimate) == 32 &&
              offsetof(SketchHead, last_of_table_us) == 40 &&
              offsetof(SketchHead, last_of_both_us) == 48);

// A cell: when one of its clients was last seen, in slices; 0: none was.
using SketchCell = base::Relaxed<std::uint8_t>;
static_assert(sizeof(SketchCell) == 1);
inline constexpr std::uint32_t kSketchRows = 20;

// Who waits for a member that has a limit (capacity/queue.hpp).
struct alignas(kLine) MemberQueue {
    LockLine lock;                         // held while somebody is let in, queued or taken out
    base::Relaxed<std::uint32_t> waiting;  // never fewer than those who do
    std::uint32_t reserved[15];
};
static_assert(sizeof(MemberQueue) == 128 && offsetof(MemberQueue, waiting) == 64 &&
              std::is_standard_layout_v<MemberQueue>);

// What one process has under way at one member. Only that process writes it.
struct Gauge {
    base::Relaxed<std::uint64_t> attempts;  // a word of three parts (capacity/gauges.hpp)
    base::Relaxed<std::uint32_t> connecting;
    base::Relaxed<std::uint32_t> queued;
};
static_assert(sizeof(Gauge) == 16 && offsetof(Gauge, connecting) == 8 &&
              offsetof(Gauge, queued) == 12 && std::is_standard_layout_v<Gauge>);

}  // namespace stickybalancer::shm
