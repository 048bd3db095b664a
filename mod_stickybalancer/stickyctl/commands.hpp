// SPDX-License-Identifier: Apache-2.0
//
// The commands, one function each; command_line.cpp says how they are typed.
#pragma once

#include "mod_stickybalancer/stickyctl/invocation.hpp"

namespace stickybalancer::stickyctl {

// What is there
ExitCode show_status(Invocation &invocation);
ExitCode show_balancers(Invocation &invocation);
ExitCode show_balancer(Invocation &invocation);
ExitCode show_members(Invocation &invocation);
ExitCode show_member(Invocation &invocation);
ExitCode show_sessions(Invocation &invocation);
ExitCode show_table(Invocation &invocation);
ExitCode show_statistics(Invocation &invocation);
ExitCode show_info(Invocation &invocation);
ExitCode show_config(Invocation &invocation);
ExitCode show_differences(Invocation &invocation);

// What changes it
ExitCode drain_member(Invocation &invocation);
ExitCode make_member_ready(Invocation &invocation);
ExitCode stop_member(Invocation &invocation);
ExitCode set_weight(Invocation &invocation);
ExitCode add_member(Invocation &invocation);
ExitCode remove_member(Invocation &invocation);
ExitCode forget_session(Invocation &invocation);
ExitCode be_lame_duck(Invocation &invocation);
ExitCode pin_client(Invocation &invocation);
ExitCode take_pins_back(Invocation &invocation);

ExitCode run_wizard(Invocation &invocation);

}  // namespace stickybalancer::stickyctl
