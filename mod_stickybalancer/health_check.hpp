// SPDX-License-Identifier: Apache-2.0
//
// Mistakes in what StickyCheck says of a balancer and its members together.
#pragma once

#include "mod_stickybalancer/health_lines.hpp"

namespace stickybalancer {

// Of one balancer of ours. Logs what it finds; false when there is an error.
bool check_checks(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                  const proxy_balancer &balancer, bool warns);

// That no virtual host says how members are checked that it has from the main server.
bool check_places_of_check_lines(const server_rec *main_server);

}  // namespace stickybalancer
