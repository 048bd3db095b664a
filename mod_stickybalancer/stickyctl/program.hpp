// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "mod_stickybalancer/stickyctl/invocation.hpp"
#include "mod_stickybalancer/stickyctl/settings.hpp"

namespace stickybalancer::stickyctl {

// Makes the way to a server.
using Dial = std::function<std::unique_ptr<Transport>(const ServerAddress &server)>;

// The whole program, without the process around it. Of several commands the first that does not succeed ends it.
ExitCode run_program(const std::vector<std::string> &arguments, const Console &console,
                     const Environment &environment, const Dial &dial);

}  // namespace stickybalancer::stickyctl
