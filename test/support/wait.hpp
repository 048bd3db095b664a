// SPDX-License-Identifier: Apache-2.0
//
// Waiting is "until, at most": a test names what it waits for and when it gives up.
#pragma once

#include <chrono>
#include <ctime>
#include <functional>

namespace stickybalancer::test {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

// From now. Stretched where httpd runs under a sanitizer (SB_PRELOAD), which makes it several
// times slower, and by SB_PATIENCE, a factor, on a slow machine.
Deadline within(std::chrono::milliseconds span);

// How long from now, not below 0: what poll(2) wants.
int remaining_ms(Deadline deadline);

// Asks again and again until the condition holds or the deadline has passed; says which.
// The condition is asked at least once, and a last time at the deadline.
bool wait_until(Deadline deadline, const std::function<bool()> &condition);

// The second that httpd's clock is in, too: std::time() may be behind it by a tick.
std::time_t this_second();

}  // namespace stickybalancer::test
