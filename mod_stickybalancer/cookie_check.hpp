// SPDX-License-Identifier: Apache-2.0
//
// Mistakes in what StickyCookie, StickyKey and the members' routes say together.
#pragma once

#include "mod_stickybalancer/config.hpp"

namespace stickybalancer {

// Of one balancer of ours. Logs what it finds; false when there is an error.
bool check_cookie(apr_pool_t *pool, server_rec *s, const proxy_balancer &balancer,
                  const Options &options, bool warns);

// Warns of balancers of one server that set the same cookie, where a browser would send both or keep
// one of the two: its client is bound anew whenever it goes from one to the other.
void check_shared_cookies(apr_pool_t *pool, server_rec *main_server);

}  // namespace stickybalancer
