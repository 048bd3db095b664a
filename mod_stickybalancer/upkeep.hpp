// SPDX-License-Identifier: Apache-2.0
//
// Keeps a running balancer in step with the world: members that were added or changed while the server
// runs, states that others than requests have changed, shared numbers that fade or that a killed process
// left.
//
// What looks at every member is done once a second in each child, by a thread of mod_watchdog, with traffic
// or without. Where that module is not loaded, the request that comes next does it. What an operator
// changes is said through the region, and followed by the next request at the cost of two comparisons.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// [post_config], before mod_watchdog's.
void start_upkeep(apr_pool_t *pconf, server_rec *main_server);

// Reads the members again where that is due. Never waits for another thread that does.
void follow_changes(Attached &attached, request_rec *r);

// Members or settings may have changed: every process is to read them again.
void note_change(const server_rec *main_server);

}  // namespace stickybalancer
