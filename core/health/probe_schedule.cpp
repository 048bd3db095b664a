// SPDX-License-Identifier: Apache-2.0
#include "core/health/probe_schedule.hpp"

#include <algorithm>

namespace stickybalancer::health {
namespace {

constexpr std::int64_t kLongestBegin_us = 2'000'000;
constexpr std::int64_t kLongestDelay_us = 5'000'000;

std::int64_t share_of(std::uint64_t identity, std::int64_t span_us) noexcept
{
    return static_cast<std::int64_t>(identity % static_cast<std::uint64_t>(span_us));
}

// When the member is checked first, counted from when somebody first looks at it.
std::int64_t begin_us(std::uint64_t identity, std::int64_t interval_us) noexcept
{
    return share_of(identity, std::min(interval_us, kLongestBegin_us));
}

// From the second check on members are spread over the whole of a long interval.
std::int64_t spread_us(std::uint64_t identity, std::int64_t interval_us) noexcept
{
    return share_of(identity, interval_us) - begin_us(identity, interval_us);
}

// Of another clock, another interval, or nobody's. Whoever was kept waiting since it read the clock is not to
// take a good plan for one of those.
bool is_no_plan(std::int64_t due_us, std::int64_t interval_us, base::TimeUs now) noexcept
{
    return due_us <= 0 || due_us - now.us > 2 * interval_us + kLongestDelay_us;
}

std::int64_t next_us(const shm::MemberSlot &slot, std::int64_t due_us, std::uint64_t identity,
                     std::int64_t interval_us, base::TimeUs now) noexcept
{
    const bool is_first = slot.probes_passed.load() == 0 && slot.probes_failed.load() == 0;
    const auto missed = (now.us - due_us) / interval_us;
    return due_us + (missed + 1) * interval_us +
           (is_first ? std::max<std::int64_t>(0, spread_us(identity, interval_us)) : 0);
}

}  // namespace

bool claim_probe(shm::MemberSlot &slot, std::uint64_t identity, base::DurationUs interval,
                 base::TimeUs now) noexcept
{
    auto due_us = slot.probe_due_us.load();
    if (is_no_plan(due_us, interval.us, now)) {
        const auto first_us = now.us + begin_us(identity, interval.us);
        if (!slot.probe_due_us.compare_exchange(due_us, first_us))
            return false;
        due_us = first_us;
    }
    return due_us <= now.us && slot.probe_due_us.compare_exchange(
                                   due_us, next_us(slot, due_us, identity, interval.us, now));
}

}  // namespace stickybalancer::health
