// SPDX-License-Identifier: Apache-2.0
#include "test/support/wait.hpp"

#include <poll.h>

#include <algorithm>
#include <cstdlib>

namespace stickybalancer::test {
namespace {

long patience()
{
    if (const char *factor = std::getenv("SB_PATIENCE"))
        return std::max(1L, std::atol(factor));
    const char *preload = std::getenv("SB_PRELOAD");
    return preload && *preload ? 4 : 1;
}

}  // namespace

Deadline within(std::chrono::milliseconds span)
{
    return Clock::now() + span * patience();
}

int remaining_ms(Deadline deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 3'600'000));
}

bool wait_until(Deadline deadline, const std::function<bool()> &condition)
{
    // The longer it took, the less it matters when it is noticed; and dozens wait on a machine of two cores.
    constexpr std::chrono::milliseconds kShortest{2}, kLongest{25};
    const auto begun = Clock::now();
    for (;;) {
        const auto now = Clock::now();
        const bool last = now >= deadline;
        if (condition())
            return true;
        if (last)
            return false;
        const auto waited = std::chrono::floor<std::chrono::milliseconds>(now - begun);
        ::poll(nullptr, 0, static_cast<int>(std::clamp(waited / 8, kShortest, kLongest).count()));
    }
}

std::time_t this_second()
{
    return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

}  // namespace stickybalancer::test
