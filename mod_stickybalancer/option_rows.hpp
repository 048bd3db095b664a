// SPDX-License-Identifier: Apache-2.0
//
// Reads a directive's arguments by its rows of directives.def: the first word by itself, then
// key=value, or a key alone; each at most once.
#pragma once

#include "mod_stickybalancer/config.hpp"

namespace stickybalancer {

// Null, and what the arguments say is set in `options`; or what is wrong and what to write instead.
const char *parse_options(cmd_parms *cmd, const char *arguments, Options &options);

}  // namespace stickybalancer
