// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "mod_stickybalancer/stickyctl/options.hpp"

namespace stickybalancer::stickyctl {

// Arguments without the program's name. Nothing where there is nothing to run: help was asked for, and written
// to `out`. Fails with kUsage at what is not understood.
std::optional<Options> parse_command_line(const std::vector<std::string> &arguments,
                                          std::ostream &out);

// Several commands in one argument, "show info; show stat", as one list of arguments each; what stands
// before that argument goes before each of them. Other arguments come back as they are.
std::vector<std::vector<std::string>> split_commands(const std::vector<std::string> &arguments);

}  // namespace stickybalancer::stickyctl
