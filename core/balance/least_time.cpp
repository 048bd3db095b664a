// SPDX-License-Identifier: Apache-2.0
#include "core/balance/least_time.hpp"

#include <algorithm>
#include <cmath>

namespace stickybalancer::balance {
namespace {

constexpr int kMostRepeats = 4;

struct Average {
    std::uint32_t us = 0;
    std::uint32_t at_ms = 0;
};

constexpr Average average_in(std::uint64_t word) noexcept
{
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
}
constexpr std::uint64_t word_of(Average average) noexcept
{
    return std::uint64_t{average.us} << 32 | average.at_ms;
}

constexpr std::uint32_t ms_of(base::TimeUs now) noexcept
{
    return static_cast<std::uint32_t>(now.us / 1000);
}

constexpr std::int32_t kOld_ms = 100'000;
constexpr std::int32_t kAhead_ms = -1000;

constexpr std::int32_t age_ms_of(const Average &average, base::TimeUs now) noexcept
{
    return static_cast<std::int32_t>(ms_of(now) - average.at_ms);
}

// What an average of that time still counts. One that is ahead was measured a moment later by
// another thread, or before the clock was stepped back: it has no age at all.
double weight_at(const Average &average, base::TimeUs now) noexcept
{
    const auto age_ms = age_ms_of(average, now);
    if (age_ms <= 0)
        return 1;
    return std::exp(-age_ms * 1000.0 / static_cast<double>(LeastTime::kTimeConstant.us));
}

std::uint32_t rounded(double us) noexcept
{
    return static_cast<std::uint32_t>(std::clamp(us, 1.0, double{LeastTime::kMost_us}));
}

Average after(const Average &average, const Outcome &outcome, base::TimeUs now) noexcept
{
    auto took = static_cast<double>(outcome.response_time.us);
    if (!outcome.is_answered)
        took = std::max({took, double{LeastTime::kFailed_us}, 2.0 * average.us});
    if (average.us == 0 || took >= average.us)
        return {rounded(took), ms_of(now)};
    const auto old = weight_at(average, now);
    if (old == 1)  // too soon to lower it
        return age_ms_of(average, now) < kAhead_ms ? Average{average.us, ms_of(now)} : average;
    return {rounded(average.us * old + took * (1 - old)), ms_of(now)};
}

}  // namespace

std::uint32_t LeastTime::average_us(const shm::MemberLoad &load, base::TimeUs now) noexcept
{
    const auto average = average_in(load.response_time.ordered_load());
    return average.us == 0 ? 0 : rounded(average.us * weight_at(average, now));
}

LeastTime::Load LeastTime::load_of(const Candidate &candidate, base::TimeUs now) const noexcept
{
    const std::uint64_t active = candidate.load->active.ordered_load();
    const std::uint64_t us = average_us(*candidate.load, now);
    if (us == 0)
        return active == 0 ? 0 : per_weight(kUnknown_us * (active + 1), 12, candidate.weight);
    return per_weight(us * (active + 1), 12, candidate.weight);
}

void LeastTime::refresh(base::TimeUs now) const noexcept
{
    for (const auto &candidate : candidates()) {
        auto &word = candidate.load->response_time;
        auto before = word.load();
        const auto average = average_in(before);
        const auto age_ms = age_ms_of(average, now);
        if (average.us != 0 && (age_ms > kOld_ms || age_ms < kAhead_ms))
            word.compare_exchange(
                before, word_of({rounded(average.us * weight_at(average, now)), ms_of(now)}));
    }
}

// Looked at first, so that a member that stays away for long is not written each second.
void LeastTime::forget(Place place) const noexcept
{
    auto &word = candidates()[place].load->response_time;
    if (word.load() != 0)
        word.store(0);
}

void LeastTime::ended(Place place, const Outcome &outcome, base::TimeUs now) const noexcept
{
    auto &word = candidates()[place].load->response_time;
    auto before = word.load();
    for (int i = 0; i < kMostRepeats; ++i) {
        const auto next = word_of(after(average_in(before), outcome, now));
        if (next == before || word.compare_exchange(before, next))
            break;
    }
    follow(place, now);
}

}  // namespace stickybalancer::balance
