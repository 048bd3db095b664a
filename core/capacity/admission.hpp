// SPDX-License-Identifier: Apache-2.0
//
// Who may begin an attempt at a member that has a limit, over all processes: as many as the limit
// says and never one more, first come first served.
//
//   enter()   may I?      yes: an attempt has begun. Wait: the host sleeps until Wait::until, or as
//                         long as Wait::word holds Wait::value (FUTEX_WAIT, shared).
//   look()    and now?    after the sleep, whatever ended it. Yes, wait on, or too late.
//   leave()   never mind: the client has gone, or the member cannot serve any more; the request is
//                         then free to enter() elsewhere.
//   end()     an attempt is over.
// Each may name a word to wake (FUTEX_WAKE of one, shared).
//
// The rule: with `a` attempts under way and `o` waiters that came before, one is let in while
// a + o < limit. A place that an older one may take is never taken by a younger one, and a
// waiter that is slow, or was killed, holds up one place, not the queue.
//
// Why never more than the limit: a row of gauges goes up only under the member's lock, after the
// sum of all rows was found to be below it; what goes down meanwhile only makes room. A killed
// process's row counts until it is reclaimed.
//
// Why no wake-up is lost: all steps on rows, tickets, MemberQueue::waiting and words stand in one
// order (base/relaxed.hpp).
//   end()    1 takes its attempt off the row   2 reads `waiting`, and wakes the oldest
//   enter()  1 sets its ticket and `waiting`   2 reads its word   3 sums the rows   4 waits
// Either end 1 stands before enter 3, and the sum sees it. Or it stands behind, and so does end 2,
// which finds the waiter: its word is no longer what enter 2 read, and waiting on it ends at once.
// One who is let in, or leaves, first clears its ticket, then sums the rows, and wakes the next if
// there is room: so two places that came free wake two, although both ends may have found the same
// oldest.
//
// What a kill may lose: the wake-up of a process that is killed between its last step here and its
// FUTEX_WAKE, and the turn of a woken waiter that is killed. reclaim() (processes.hpp) wakes the
// next; and each waiter looks again once a second, whatever happens.
//
// Cost: without a limit, that of Gauges. With one, a mutex of the member and a line for each
// process; while others wait, their records (queue.hpp). end() takes no lock.
//
// Thread safety: any thread of the process; each Waiting and Attempt is one thread's.
#pragma once

#include <cstdint>

#include "core/capacity/gauges.hpp"
#include "core/capacity/limit.hpp"
#include "core/capacity/queue.hpp"

namespace stickybalancer::capacity {

inline constexpr std::int64_t kLookAgainUs = 1'000'000;

enum class Verdict : std::uint8_t {
    kAdmitted,   // `attempt` has begun
    kWait,       // sleep, then look()
    kQueueFull,  // max_queue wait already, or this process has no record left
    kTimedOut,   // the deadline is over; the queue has been left
    kRefused,    // what guards the member is damaged: nobody is let in
};

struct Wait {
    FutexWord *word = nullptr;
    std::uint32_t value = 0;
    base::TimeUs until;
};

struct Admission {
    Verdict verdict = Verdict::kRefused;
    Attempt attempt;            // with kAdmitted
    Wait wait;                  // with kWait
    FutexWord *wake = nullptr;  // with any
};

class Entrance {
public:
    // min_connections needs gauges that count the total.
    explicit Entrance(const Gauges &gauges) noexcept : gauges_(gauges) {}

    // `waiting` is empty before, and again when the verdict is another than kWait.
    Admission enter(std::uint32_t place, const Limits &limits, base::TimeUs now,
                    Waiting &waiting) const noexcept;
    // Or not at all: kQueueFull where it would have to wait.
    Admission enter_at_once(std::uint32_t place, const Limits &limits,
                            base::TimeUs now) const noexcept;
    Admission look(const Limits &limits, base::TimeUs now, Waiting &waiting) const noexcept;
    FutexWord *leave(const Limits &limits, Waiting &waiting) const noexcept;
    FutexWord *end(const Attempt &attempt) const noexcept;

    const Gauges &gauges() const noexcept { return gauges_; }

private:
    std::uint32_t room_locked(std::uint32_t place, const Limits &limits,
                              std::uint32_t newcomers) const noexcept;
    FutexWord *pass_on_locked(std::uint32_t place, const Limits &limits) const noexcept;
    Admission admit_locked(std::uint32_t place, const Limits &limits,
                           Waiting &waiting) const noexcept;
    Admission wait_locked(const Limits &limits, base::TimeUs now, Waiting &waiting) const noexcept;

    Gauges gauges_;
};

}  // namespace stickybalancer::capacity
