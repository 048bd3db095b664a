// SPDX-License-Identifier: Apache-2.0
//
// Makes the checks of StickyCheck, in a thread of mod_watchdog in each child. One child of all checks a balancer's
// members: the one that the core's lease names; the others look ten times a second whether it is still there.
//
// It drives all of them at once (checked_balancer.hpp), at most kMostUnderWay; further ones are late then, and it
// says so.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// [post_config], before mod_watchdog's.
void start_health_runner(apr_pool_t *pconf, server_rec *main_server);

// [child]
void prepare_health_runner(apr_pool_t *pchild, server_rec *main_server);

}  // namespace stickybalancer
