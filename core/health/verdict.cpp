// SPDX-License-Identifier: Apache-2.0
#include "core/health/verdict.hpp"

#include <limits>

namespace stickybalancer::health {
namespace {

// Whoever loses that often loses one result of one member.
constexpr int kMostTries = 64;

void count(std::uint16_t &number) noexcept
{
    if (number < std::numeric_limits<std::uint16_t>::max())
        ++number;
}

std::uint32_t difference(const shm::CheckState &before, const shm::CheckState &after) noexcept
{
    std::uint32_t change = kNoChange;
    if (before.is_down != after.is_down)
        change |= after.is_down ? kWentDown : kCameUp;
    if (before.is_draining != after.is_draining)
        change |= after.is_draining ? kBeganToDrain : kIsReadyAgain;
    return change;
}

// Puts next(state) in place of the state; what that changed.
template <typename Next>
std::uint32_t change(base::Published<std::uint64_t> &check, const Next &next) noexcept
{
    auto word = check.acquire();
    for (int tries = 0; tries < kMostTries; ++tries) {
        const auto before = shm::check_state_of(word);
        const auto after = next(before);
        if (after == before)
            return kNoChange;
        if (check.compare_publish(word, shm::word_of(after)))
            return difference(before, after);
    }
    return kNoChange;
}

shm::CheckState after_probe(shm::CheckState state, ProbeResult result,
                            const Thresholds &thresholds) noexcept
{
    const bool has_failed = result == ProbeResult::kFailed;
    const bool is_first = !state.is_known;
    if (is_first || state.has_failed != has_failed)
        state.results = 0;
    count(state.results);
    state.is_known = true;
    state.has_failed = has_failed;
    const auto needed = has_failed ? thresholds.fall : thresholds.rise;
    if (is_first || state.results >= needed)
        state.is_down = has_failed;
    if (!has_failed)
        state.is_draining = result == ProbeResult::kPassedDraining;
    return state;
}

shm::CheckState out_of_use(shm::CheckState state) noexcept
{
    if (state.is_down)
        return state;
    state.is_known = true;
    state.is_down = true;
    state.has_failed = true;
    state.results = 0;
    state.failures = 0;
    return state;
}

}  // namespace

std::uint32_t note_probe(base::Published<std::uint64_t> &check, ProbeResult result,
                         const Thresholds &thresholds) noexcept
{
    return change(check, [&](const shm::CheckState &state) {
        return after_probe(state, result, thresholds);
    });
}

std::uint32_t note_request(base::Published<std::uint64_t> &check, bool has_failed,
                           const Thresholds &thresholds) noexcept
{
    if (thresholds.observe == 0)
        return kNoChange;
    return change(check, [&](shm::CheckState state) {
        if (!has_failed)
            state.failures = 0;
        else if (!state.is_down)
            count(state.failures);
        return state.failures >= thresholds.observe ? out_of_use(state) : state;
    });
}

std::uint32_t note_out_of_use(base::Published<std::uint64_t> &check) noexcept
{
    return change(check, out_of_use);
}

}  // namespace stickybalancer::health
