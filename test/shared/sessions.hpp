// SPDX-License-Identifier: Apache-2.0
//
// What servers do to a session table, again and again, whatever world they are in; and an auditor in memory of
// its own that knows what may be found there.
//
// Some sessions are booked: each has one owner, which takes it through numbered states, and writes down before
// each which one it begins, and after it that it is done. The state is in the member, so whoever finds
// something knows whether it is the session's own and not older than what was done before the look. Booked
// sessions are the application's and are kept in use, so none may ever be missing unless its owner forgot it.
// Other sessions are clients': they come, are pushed out, expire, and have members of their own.
//
// The clock is a number in the books. It moves when each worker has seen it, so nobody is far behind.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "core/stick_table/stick_table.hpp"
#include "test/shared/world.hpp"

namespace stickybalancer::test {

inline constexpr std::uint32_t kMostBooked = 256;
inline constexpr std::uint32_t kMostWorkers = 16;
inline constexpr std::int64_t kTickUs = 1'000'000;
inline constexpr stick_table::Limits kSessionLimits{{16 * kTickUs}, false};
inline constexpr std::int64_t kIdle = INT64_MAX;

// Of every eight states one is that there is no such session.
constexpr bool is_absent(std::uint64_t state) { return state % 8 == 0; }
constexpr std::uint64_t member_in(std::uint32_t booked, std::uint64_t state)
{
    return (std::uint64_t{booked + 1} << 40) | state;
}

struct Book {
    std::atomic<std::uint64_t> begun, done;
};

struct SessionAudit {
    std::atomic<std::uint32_t> missed, outdated, mixed, broken;
    std::atomic<std::uint64_t> looks, changes, forgotten, interrupted, carried;
    std::atomic<std::int64_t> clock_us;
    std::atomic<std::int64_t> seen_us[kMostWorkers];
    Book books[kMostBooked];
};

class SessionWorld {
    SharedMemory memory_;
    SharedMemory audit_memory_;
    std::uint32_t booked_count_;
    std::vector<stick_table::Key> keys_;

public:
    SessionWorld(std::uint64_t session_count, std::uint32_t booked_count);

    SessionAudit &audit;

    stick_table::StickTable table() const;
    const SharedMemory &memory() const { return memory_; }
    std::uint32_t booked_count() const { return booked_count_; }
    const stick_table::Key &key(std::uint32_t booked) const { return keys_[booked]; }

    base::TimeUs read_clock(std::uint32_t who) const;
    void leave(std::uint32_t who) const { audit.seen_us[who] = kIdle; }
    bool is_somebody_here() const;
    // Time goes on, and upkeep is done, where everybody has seen what time it is.
    void try_tick() const;

    // What was done at the latest before somebody looked; then what the look says.
    std::uint64_t done(std::uint32_t booked) const { return audit.books[booked].done; }
    void judge(std::uint32_t booked, std::uint64_t done_before, std::uint64_t member) const;
    void look(std::uint32_t booked, base::TimeUs now) const;
    void keep(std::uint32_t booked, base::TimeUs now) const;
    void next_state(std::uint32_t booked, base::TimeUs now) const;
    // Of a worker that was killed: each session is as it was before, or as it was to be.
    void settle(std::uint32_t who, std::uint32_t workers) const;
    void lock_each_shard() const;

    // Empty, or what the auditor has seen, or the table's structure, or its numbers. Nobody is at work; so
    // many were killed.
    std::string what_is_wrong(std::uint64_t kills = 0) const;
};

struct SessionWorker {
    const SessionWorld &world;
    std::uint32_t who;
    std::uint32_t workers;
    std::uint64_t seed;
};
void work(const SessionWorker &worker, std::uint32_t rounds);
// Nothing but looks, at the sessions of one owner.
void only_look(const SessionWorker &worker, std::uint32_t rounds);
// Carries all over into a table of its own, as long as anybody else is at work.
void carry_again_and_again(const SessionWorld &world, std::uint32_t who);

}  // namespace stickybalancer::test
