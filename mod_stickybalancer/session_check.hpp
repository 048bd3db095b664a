// SPDX-License-Identifier: Apache-2.0
//
// Mistakes in StickyOn and StickyTable that no single line shows.
#pragma once

#include "mod_stickybalancer/config.hpp"

namespace stickybalancer {

// Of one balancer, whoever's copy of it that is. False: it was logged what is wrong. `warns`: says what is
// only suspicious, too.
bool check_sessions(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                    const proxy_balancer &balancer, bool warns);

// A table belongs to the members, so it is where they are.
bool check_places_of_tables(const server_rec *main_server);

}  // namespace stickybalancer
