// SPDX-License-Identifier: Apache-2.0
//
// The sessions of requests that are under way in this process: a WebSocket, a long answer or a long upload
// is use of its session, and says nothing for hours. Somebody looks through them now and then
// (session_keeper.hpp) and tells the table that they are in use.
//
//   Slots, 64 to a block; blocks are added as they are needed and never given back:
//
//     first --> [ taken: 64 bits | slot 0 | slot 1 | ... ] --next--> [ ... ] --> null
//
//   A slot is free  --(its bit is set)-->  taken, count 0  --(sessions written, count published)-->
//   live  --(count 0, bit cleared)-->  free.
//
// Benefits: a request takes no lock, and whoever looks never waits for one. Costs: one atomic write to a
// word that the process' threads share, at the beginning and at the end of a request that has a session.
// What is read while a slot changes hands may be half of one session and half of another: a session that
// there is none of, which the table does not know.
//
// Thread safety: any thread. Lifetime: the process.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "core/include/stickybalancer/stickybalancer.h"

namespace stickybalancer {

class LiveSessions {
public:
    // Of a request, and those that its answer names.
    static constexpr std::uint32_t kMostOfRequest = 2 * SB_SESSIONS_OF_REQUEST_MAX;
    // Requests with sessions that one process may have under way; further ones are not kept alive.
    static constexpr std::uint32_t kMostRequests = 64 * 1024;

    struct Slot {
        // Published: the sessions before it, to whoever looks.
        std::atomic<std::uint32_t> count;
        std::atomic<std::int64_t> kept_at_us;  // 0: not yet
        struct {
            std::atomic<std::uint64_t> high, low;
        } sessions[kMostOfRequest];
    };

    LiveSessions() = default;
    LiveSessions(const LiveSessions &) = delete;
    LiveSessions &operator=(const LiveSessions &) = delete;

    // A request has begun. Null: there is no room, and it is not kept alive. The slot is one thread's at a
    // time.
    Slot *begin();
    // One more session of it; none beyond kMostOfRequest.
    static void add(Slot &slot, const sb_session &session);
    void end(Slot &slot);

    // keep(session) for each session of a request that was not kept so far, or so long ago.
    template <typename Keep>
    void keep_each(std::int64_t now_us, std::int64_t interval_us, const Keep &keep)
    {
        for (auto *block = &first_; block != nullptr; block = block->next.load(kAcquire))
            for (auto taken = block->taken.load(kRelaxed); taken != 0; taken &= taken - 1)
                keep_slot(block->slots[std::countr_zero(taken)], now_us, interval_us, keep);
    }

private:
    static constexpr auto kRelaxed = std::memory_order_relaxed;
    static constexpr auto kAcquire = std::memory_order_acquire;

    struct Block {
        alignas(64) std::atomic<std::uint64_t> taken;
        std::atomic<Block *> next;  // published: an empty block
        alignas(64) Slot slots[64];
    };

    template <typename Keep>
    static void keep_slot(Slot &slot, std::int64_t now_us, std::int64_t interval_us,
                          const Keep &keep)
    {
        const auto count = slot.count.load(kAcquire);
        if (count == 0 || now_us - slot.kept_at_us.load(kRelaxed) < interval_us)
            return;
        slot.kept_at_us.store(now_us, kRelaxed);
        for (std::uint32_t i = 0; i < count; ++i)
            keep(sb_session{slot.sessions[i].high.load(kRelaxed),
                            slot.sessions[i].low.load(kRelaxed)});
    }
    static Slot *take_slot(Block &block);
    static Block *block_after(Block &block);

    Block first_{};
};

}  // namespace stickybalancer
