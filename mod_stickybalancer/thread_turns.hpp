// SPDX-License-Identifier: Apache-2.0
//
// The turns of a thread of mod_watchdog's, which come to an end before their child does: mod_watchdog does not wait for
// its threads, and exit() takes libraries down that they are in.
#pragma once

#include <apr_time.h>

#include <atomic>

namespace stickybalancer {

class ThreadTurns {
public:
    // False: there are no more. Of one thread.
    bool begin() noexcept { return exchange(kNone, kUnderWay); }
    void end() noexcept { exchange(kUnderWay, kNone); }

    // For a long turn, and for what it waits for: it should end.
    bool should_end() const noexcept { return is_last_.load(std::memory_order_relaxed); }
    void ask_to_end() noexcept { is_last_.store(true, std::memory_order_relaxed); }

    // Waits for the turn that is under way, at most so many milliseconds: it may wait for somebody itself, the more so
    // where this is called in a handler of signals. False: it goes on.
    bool forbid_more(int most_ms) noexcept
    {
        for (int i = 0; i < most_ms && !exchange(kNone, kNoMore); ++i)
            apr_sleep(apr_time_from_msec(1));
        return state_ == kNoMore;
    }

private:
    enum State { kNone, kUnderWay, kNoMore };

    bool exchange(State from, State to) noexcept
    {
        return state_.compare_exchange_strong(from, to);
    }

    std::atomic<State> state_{kNone};
    std::atomic<bool> is_last_{false};
};

}  // namespace stickybalancer
