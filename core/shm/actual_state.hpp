// SPDX-License-Identifier: Apache-2.0
//
// What a member is, as opposed to what is asked of it: one word, so that state, reason and time
// change together, by one exchange, and the process whose exchange succeeded tells of it for all
// others.
//
//   bits 0 to 7 the state, 8 to 15 the reason, 16 to 63 since when, in milliseconds since 1970
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

enum class Actual : std::uint8_t { kUp = 0, kDown = 1, kChecking = 2, kStarting = 3 };
enum class Reason : std::uint8_t {
    kNone = 0,
    kConnectFailed = 1,
    kTimeout = 2,
    kReset = 3,
    kStatus = 4,       // an answer that counts as a failure
    kCheckFailed = 5,  // an active check
    kCheckPassed = 6,
    kRetryDue = 7,  // a failed member was left alone for long enough
    kAnswered = 8,  // a request that tried it went well
    kOperator = 9,
    kConfigured = 10,
    kConnected = 11,  // a request that tries it has a connection
};

struct ActualState {
    Actual actual = Actual::kUp;
    Reason reason = Reason::kNone;
    std::int64_t since_ms = 0;
    friend bool operator==(const ActualState &, const ActualState &) = default;
};

constexpr std::uint64_t word_of(const ActualState &state) noexcept
{
    return std::uint64_t{static_cast<std::uint8_t>(state.actual)} |
           std::uint64_t{static_cast<std::uint8_t>(state.reason)} << 8 |
           static_cast<std::uint64_t>(state.since_ms) << 16;
}

constexpr ActualState state_of(std::uint64_t word) noexcept
{
    return {static_cast<Actual>(word & 0xFF), static_cast<Reason>(word >> 8 & 0xFF),
            static_cast<std::int64_t>(word >> 16)};
}

// "up", "connect-failed" and so on; of a number that has no name, "unknown".
const char *name_of(Actual actual) noexcept;
const char *name_of(Reason reason) noexcept;
const char *name_of(Requested requested) noexcept;

ActualState actual_state(const MemberSlot &slot) noexcept;

// True: the member was in another state, and this call changed it. Its reason and time stay while
// its state does. Where two processes see the same change, one of them is told true.
bool change_actual(MemberSlot &slot, Actual actual, Reason reason, base::TimeUs now) noexcept;

// One request tries a failed member: it is checking, because its retry is due, until that request has ended.
// One that says nothing for `longest` was killed, or is as good as that.
bool is_tried(const ActualState &state, base::DurationUs longest, base::TimeUs now) noexcept;

// It failed at its last try, less than `interval` ago, or that try is under way. Of a time that is yet to come: the
// clock was stepped back, and so far is as good as so long ago.
bool has_just_failed(const ActualState &state, base::DurationUs interval,
                     base::TimeUs now) noexcept;

// True: no other request tries it, and this one does, of all processes'. `before`: what it was.
bool begin_trial(MemberSlot &slot, base::DurationUs longest, base::TimeUs now,
                 ActualState &before) noexcept;
// The trial that began at `now` is not made after all.
void cancel_trial(MemberSlot &slot, const ActualState &before, base::TimeUs now) noexcept;

}  // namespace stickybalancer::shm
