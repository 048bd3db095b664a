// SPDX-License-Identifier: Apache-2.0
//
// The StickyOn lines of a balancer: what is wrong with one, and what all of them come to. A later section
// adds its keys behind those of an earlier one; where both name the same key, the place in the order is the
// earlier line's, and the options are the later line's where it sets them.
//
// Thread safety: while the server starts. Lifetime: of what is made, the pool's.
#pragma once

#include <cstdint>
#include <span>

#include "mod_stickybalancer/config.hpp"
#include "mod_stickybalancer/session_keys.hpp"

namespace stickybalancer {

// Null, and `condition`; or what is wrong.
const char *parse_condition(cmd_parms *cmd, const char *text, const ap_expr_info_t *&condition);

// Null, or what is wrong with the last of these lines of one section,
// which is being read.
const char *check_session_line(cmd_parms *cmd, const apr_array_header_t &lines);

std::span<const SessionKey> session_keys_of(apr_pool_t *pool, const ServerConfig &server,
                                            const char *balancer_name);

}  // namespace stickybalancer
