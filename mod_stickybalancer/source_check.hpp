// SPDX-License-Identifier: Apache-2.0
//
// Whether connections can be made from where source= of StickyMember and of StickyCheck says.
#pragma once

#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {

// Null where the member can be reached from this address; else what it has, and what to do.
const char *obstacle_from(const char *source, const proxy_worker &member);
bool is_of_this_machine(apr_pool_t *pool, const char *source);

// That the members which a line is for can be reached from an address of its kind. Logs what it finds; false
// when there is an error. A member that has a name may have addresses of either kind: it is not asked for.
bool check_sources(const server_rec *s, const proxy_balancer &balancer, const MemberLines &lines);

// That the addresses are this machine's. It may get them later, so this is only said.
void warn_of_sources(apr_pool_t *pool, const server_rec *s, const MemberLines &lines);

}  // namespace stickybalancer
