// SPDX-License-Identifier: Apache-2.0
//
// Waits, beside a server that serves, until a member's last session is gone.
#pragma once

#include <chrono>

#include "mod_stickybalancer/stickyctl/drain_watch.hpp"
#include "mod_stickybalancer/stickyctl/invocation.hpp"
#include "mod_stickybalancer/stickyctl/lookup.hpp"

namespace stickybalancer::stickyctl {

// Of --timeout; zero for none.
std::chrono::milliseconds drain_limit(const Options &options);

// Looks once a second; `member` is what it was when the drain began. SIGINT and SIGTERM end the waiting, not
// the drain.
ExitCode wait_for_drain(Invocation &invocation, const MemberFound &found, const Json &member,
                        std::chrono::milliseconds limit);

}  // namespace stickybalancer::stickyctl
