// SPDX-License-Identifier: Apache-2.0
//
// Processes that do not run for a while, as on a machine that is paused. Throws where one does not stop.
#pragma once

#include <sys/types.h>

#include <vector>

namespace stickybalancer::test {

// SIGSTOP, until each of their threads has stopped: one that has the signal and was not scheduled since still takes
// what the kernel wakes one process for, a connection to a socket that they share, say.
void pause_all(const std::vector<pid_t> &processes);
void continue_all(const std::vector<pid_t> &processes);

}  // namespace stickybalancer::test
