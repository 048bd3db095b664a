// SPDX-License-Identifier: Apache-2.0
#include "core/capacity/admission.hpp"

#include <algorithm>
#include <limits>

namespace stickybalancer::capacity {
namespace {

base::TimeUs deadline_after(const Limits &limits, base::TimeUs now) noexcept
{
    constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
    if (limits.queue_timeout.us <= 0 || now.us > kNever - limits.queue_timeout.us)
        return {kNever};
    return {now.us + limits.queue_timeout.us};
}

}  // namespace

// How many more may begin now. `newcomers` are not in the gauges yet, and count as load.
std::uint32_t Entrance::room_locked(std::uint32_t place, const Limits &limits,
                                    std::uint32_t newcomers) const noexcept
{
    std::uint64_t load = newcomers;
    if (limits.min_connections != 0) {
        const auto whole = sum_of(gauges_.region(), gauges_.block(), gauges_.block().whole());
        load += std::uint64_t{whole.active} + whole.queued;
    }
    const auto limit = effective_limit(limits, load);
    const auto active = sum_of(gauges_.region(), gauges_.block(), place).active;
    return active < limit ? limit - active : 0;
}

// To be called after one has been let in or has left: the next is to look if there is room for it.
FutexWord *Entrance::pass_on_locked(std::uint32_t place, const Limits &limits) const noexcept
{
    if (gauges_.block().queue(place).waiting.ordered_load() == 0 ||
        room_locked(place, limits, 0) == 0)
        return nullptr;
    return wake_oldest(gauges_.region(), gauges_.block(), place);
}

Admission Entrance::admit_locked(std::uint32_t place, const Limits &limits,
                                 Waiting &waiting) const noexcept
{
    Admission admission{Verdict::kAdmitted, gauges_.begin(place), {}, nullptr};
    if (waiting.record != nullptr)
        leave_locked(gauges_, waiting);
    admission.wake = pass_on_locked(place, limits);
    return admission;
}

Admission Entrance::enter(std::uint32_t place, const Limits &limits, base::TimeUs now,
                          Waiting &waiting) const noexcept
{
    waiting = {};
    if (limits.max_connections == 0)
        return {Verdict::kAdmitted, gauges_.begin(place), {}, nullptr};
    const shm::RobustGuard guard(gauges_.block().queue(place).lock);
    if (!guard.is_held())
        return {};
    const auto standing = standing_of_locked(gauges_, place, kNewcomer, now);
    if (standing.older < room_locked(place, limits, 1))
        return admit_locked(place, limits, waiting);
    if ((limits.max_queue != 0 && standing.all >= limits.max_queue) ||
        !join_locked(gauges_, place, deadline_after(limits, now), waiting))
        return {Verdict::kQueueFull, {}, {}, pass_on_locked(place, limits)};
    return wait_locked(limits, now, waiting);
}

Admission Entrance::enter_at_once(std::uint32_t place, const Limits &limits,
                                  base::TimeUs now) const noexcept
{
    if (limits.max_connections == 0)
        return {Verdict::kAdmitted, gauges_.begin(place), {}, nullptr};
    const shm::RobustGuard guard(gauges_.block().queue(place).lock);
    if (!guard.is_held())
        return {};
    Waiting nobody;
    if (standing_of_locked(gauges_, place, kNewcomer, now).older < room_locked(place, limits, 1))
        return admit_locked(place, limits, nobody);
    return {Verdict::kQueueFull, {}, {}, pass_on_locked(place, limits)};
}

Admission Entrance::look(const Limits &limits, base::TimeUs now, Waiting &waiting) const noexcept
{
    const auto place = waiting.attempt.place;
    const shm::RobustGuard guard(gauges_.block().queue(place).lock);
    if (guard.is_held())
        return wait_locked(limits, now, waiting);
    leave_locked(gauges_, waiting);
    return {};
}

// The word is read before rows and tickets are: what changes behind that changes the word, too.
Admission Entrance::wait_locked(const Limits &limits, base::TimeUs now,
                                Waiting &waiting) const noexcept
{
    const auto place = waiting.attempt.place;
    const auto value = waiting.record->word.ordered_load();
    const auto standing = standing_of_locked(gauges_, place, waiting.ticket, now);
    const auto room = room_locked(place, limits, 0);
    if (now >= waiting.deadline) {
        leave_locked(gauges_, waiting);
        return {Verdict::kTimedOut, {}, {}, pass_on_locked(place, limits)};
    }
    if (standing.older < room)
        return admit_locked(place, limits, waiting);
    Admission admission{Verdict::kWait, {}, {}, nullptr};
    admission.wait = {
        &waiting.record->word, value, {std::min(waiting.deadline.us, now.us + kLookAgainUs)}};
    // Somebody older may begin: this one was woken by mistake, or the limit has grown.
    if (room > 0)
        admission.wake = wake_oldest(gauges_.region(), gauges_.block(), place);
    return admission;
}

FutexWord *Entrance::leave(const Limits &limits, Waiting &waiting) const noexcept
{
    const auto place = waiting.attempt.place;
    const shm::RobustGuard guard(gauges_.block().queue(place).lock);
    // It leaves in any case: its record is its own.
    leave_locked(gauges_, waiting);
    return pass_on_locked(place, limits);
}

FutexWord *Entrance::end(const Attempt &attempt) const noexcept
{
    gauges_.end(attempt);
    return wake_oldest(gauges_.region(), gauges_.block(), attempt.place);
}

}  // namespace stickybalancer::capacity
