// SPDX-License-Identifier: Apache-2.0
//
// What the region keeps of each member: its place there, what the configuration said of it last, and
// what was set or added at run time. So a restart, of whatever kind, loses none of it: state, weight,
// set, routes, and members that balancer-manager added where growth= left room.
//
// After the configuration was edited, field by field: what was edited counts; what was not, and was
// changed at run time, stays as it was set. The log says which.
//
// A balancer is known by its virtual host (name, port and, among equals, order) and its name; a member
// by its URL.
#pragma once

#include <cstdint>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/region_file.hpp"

namespace stickybalancer {

// [post_config], before mod_proxy_balancer puts members into its shared memory, where with
// BalancerPersist they get what they had before: what their configuration says.
void note_configured_members(apr_pool_t *pconf, const server_rec *main_server);

// [post_config], after it: gives each balancer its block and each member its place; where we elect, puts
// in force what counts of each, and adds the members again that were added at run time. False: it was
// logged why not.
bool claim_members(apr_pool_t *pconf, server_rec *main_server, SharedRegion &region);

// The member's place; one that was added in this or another process has its own from here on.
// False: there is none left.
bool find_place(Attached &attached, const proxy_worker &worker, std::uint32_t &place);

// The same of one that mod_proxy has no slot for yet: the place is there for it.
bool claim_place(Attached &attached, const proxy_worker &worker);

// What is asked of the member, as mod_proxy's status bits have it. Since when: 0 where nothing else was
// ever asked, or where somebody changed the bits behind balancer-manager's back. [child]
sb_member_request request_of(Attached &attached, const proxy_worker &worker);

// At run time, and not by a BalancerMember line.
bool was_added(const Attached &attached, const proxy_worker &worker);

// What is in force of one member is to outlive us; of its drain until when it keeps its clients, as in
// sb_member_remember(). Writes only what is new.
void remember_member(Attached &attached, const proxy_worker &worker, sb_time_us drain_deadline_us,
                     apr_time_t now);
// Something may have been changed at run time: the same for all of them.
void remember_members(Attached &attached, apr_time_t now);

}  // namespace stickybalancer
