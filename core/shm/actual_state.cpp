// SPDX-License-Identifier: Apache-2.0
#include "core/shm/actual_state.hpp"

#include <cstddef>

namespace stickybalancer::shm {
namespace {

constexpr int kMostTries = 16;

constexpr const char *kActualNames[] = {"up", "down", "checking", "starting"};
constexpr const char *kReasonNames[] = {"none",     "connect-failed", "timeout",      "reset",
                                        "status",   "check-failed",   "check-passed", "retry-due",
                                        "answered", "operator",       "configured",   "connected"};
constexpr const char *kRequestedNames[] = {"ready", "drain", "stopped"};

template <std::size_t kCount>
const char *name_in(const char *const (&names)[kCount], std::size_t index) noexcept
{
    return index < kCount ? names[index] : "unknown";
}

constexpr std::uint64_t trial_word(base::TimeUs now) noexcept
{
    return word_of({Actual::kChecking, Reason::kRetryDue, now.us / 1000});
}

bool is_within(const ActualState &state, base::DurationUs interval, base::TimeUs now) noexcept
{
    const auto age_us = now.us - state.since_ms * 1000;
    return age_us <= interval.us && age_us >= -interval.us;
}

}  // namespace

const char *name_of(Actual actual) noexcept
{
    return name_in(kActualNames, static_cast<std::size_t>(actual));
}
const char *name_of(Reason reason) noexcept
{
    return name_in(kReasonNames, static_cast<std::size_t>(reason));
}
const char *name_of(Requested requested) noexcept
{
    return name_in(kRequestedNames, static_cast<std::size_t>(requested));
}

ActualState actual_state(const MemberSlot &slot) noexcept
{
    return state_of(slot.actual.acquire());
}

bool is_tried(const ActualState &state, base::DurationUs longest, base::TimeUs now) noexcept
{
    return state.actual == Actual::kChecking && state.reason == Reason::kRetryDue &&
           is_within(state, longest, now);
}

bool has_just_failed(const ActualState &state, base::DurationUs interval, base::TimeUs now) noexcept
{
    return (state.actual == Actual::kDown && is_within(state, interval, now)) ||
           is_tried(state, interval, now);
}

bool begin_trial(MemberSlot &slot, base::DurationUs longest, base::TimeUs now,
                 ActualState &before) noexcept
{
    auto word = slot.actual.acquire();
    for (int tries = 0; tries < kMostTries; ++tries) {
        before = state_of(word);
        if (is_tried(before, longest, now))
            return false;
        if (slot.actual.compare_publish(word, trial_word(now)))
            return true;
    }
    return false;
}

void cancel_trial(MemberSlot &slot, const ActualState &before, base::TimeUs now) noexcept
{
    auto word = trial_word(now);
    slot.actual.compare_publish(word, word_of(before));
}

bool change_actual(MemberSlot &slot, Actual actual, Reason reason, base::TimeUs now) noexcept
{
    const auto next = word_of({actual, reason, now.us / 1000});
    auto word = slot.actual.acquire();
    // Who loses that often sees others change it: what it says is as true as what we would.
    for (int tries = 0; tries < kMostTries && state_of(word).actual != actual; ++tries)
        if (slot.actual.compare_publish(word, next))
            return true;
    return false;
}

}  // namespace stickybalancer::shm
