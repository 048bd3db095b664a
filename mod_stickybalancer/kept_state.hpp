// SPDX-License-Identifier: Apache-2.0
//
// What an administrator set at run time, over a graceful restart: httpd forgets it there, unless
// BalancerPersist is on. A member keeps its state and its weight if the configuration still says of
// them what it said when they were changed; otherwise somebody edited the configuration, and that
// counts.
//
// Members are found again by virtual host, balancer and URL. Memory: one block, replaced at each
// restart; it outlives the module that wrote it, so what leads to it begins with a magic number and
// a version.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// In post_config, once the balancers are in shared memory: restores what the last generation left,
// and arranges for this one's state to be kept when its configuration goes away.
void restore_kept_state(apr_pool_t *pconf, server_rec *main_server);

}  // namespace stickybalancer
