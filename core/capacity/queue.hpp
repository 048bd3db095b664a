// SPDX-License-Identifier: Apache-2.0
//
// Who waits for a member, in the order in which they came: records in the region, a fixed number
// for each process. There is no list that a kill could break: a queue is whatever records name the
// member, in the order of their tickets. Tickets are drawn under the member's lock and never drawn
// twice.
//
// Cost: a search reads the records, in use or not, of those processes that have somebody waiting
// for the member: one line each. MemberQueue::waiting says when there is nothing to search for.
//
// States of a record: free; taken, by a thread of its process; waiting, while its ticket is not 0.
// All steps stand in one order (base/relaxed.hpp), and a ticket is set after the fields that it
// stands for and cleared before they change. So who reads the same ticket before and after the
// fields has read what belongs to it, without the lock.
//
// Thread safety: any thread, any process; what ends in _locked holds the lock of the member's
// queue.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/capacity/gauges.hpp"
#include "core/shm/region.hpp"

namespace stickybalancer::capacity {

using FutexWord = base::Relaxed<std::uint32_t>;

// Words whose waiters are to be woken, by the host: FUTEX_WAKE of one, shared. Those that find no
// room here look again by themselves within a second.
struct Wakes {
    std::array<FutexWord *, 64> words{};
    std::uint32_t count = 0;

    void add(FutexWord *word) noexcept
    {
        if (word != nullptr && count < words.size())
            words[count++] = word;
    }
};

// A queue's record that is ours: which one, its ticket, and the member.
struct Waiting {
    shm::WaiterSlot *record = nullptr;  // null: does not wait
    std::uint64_t ticket = 0;
    Attempt attempt;
    base::TimeUs deadline;
};

// Who waits for the member, as seen by the holder of a ticket; by a newcomer, with kNewcomer.
inline constexpr std::uint64_t kNewcomer = ~std::uint64_t{0};
struct Standing {
    std::uint32_t all = 0;    // the holder included
    std::uint32_t older = 0;  // that came before it, and whose deadline is not over
};
Standing standing_of_locked(const Gauges &gauges, std::uint32_t place, std::uint64_t ticket,
                            base::TimeUs now) noexcept;

// False: every record of this process is taken.
bool join_locked(const Gauges &gauges, std::uint32_t place, base::TimeUs deadline,
                 Waiting &waiting) noexcept;
void leave_locked(const Gauges &gauges, Waiting &waiting) noexcept;

// Sets MemberQueue::waiting to what is found.
void recount_locked(const shm::Region &region, const shm::Block &block,
                    std::uint32_t place) noexcept;

// Makes the oldest waiter look again. The word that is to be woken, or null: nobody waits.
FutexWord *wake_oldest(const shm::Region &region, const shm::Block &block,
                       std::uint32_t place) noexcept;
// All of them, as far as `wakes` has room; the others look by themselves within a second.
void wake_all(const shm::Region &region, const shm::Block &block, std::uint32_t place,
              Wakes &wakes) noexcept;

}  // namespace stickybalancer::capacity
