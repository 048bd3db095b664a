// SPDX-License-Identifier: Apache-2.0
//
// Mistakes in what StickyMember says of a balancer and its members together.
#pragma once

#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {

// Of one balancer of ours. Logs what it finds; false when there is an error.
bool check_members(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                   const proxy_balancer &balancer, const MemberLines &lines);

// That no virtual host says anything of the members of a balancer that it has from the main server:
// they are the same for all hosts.
bool check_places_of_member_lines(const server_rec *main_server);

}  // namespace stickybalancer
