// SPDX-License-Identifier: Apache-2.0
//
// Waits, beside a server that serves, until a member's last session is gone.
#pragma once

#include "mod_stickybalancer/stickyctl/drain_watch.hpp"
#include "mod_stickybalancer/stickyctl/invocation.hpp"
#include "mod_stickybalancer/stickyctl/lookup.hpp"

namespace stickybalancer::stickyctl {

// Looks once a second; `member` is what it was when the drain began. SIGINT and SIGTERM end the waiting, not
// the drain; nor does --timeout.
ExitCode wait_for_drain(Invocation &invocation, const MemberFound &found, const Json &member);

}  // namespace stickybalancer::stickyctl
