// SPDX-License-Identifier: Apache-2.0
//
// What the core is told of a balancer: what mod_proxy has in its shared memory, where balancer-manager may
// change it, and what our directives say.
#pragma once

#include <cstdint>

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// Puts in force what the balancer and its members are now. The caller holds attached.configuring, or is
// alone. `pool` is for the call.
sb_status configure_locked(Attached &attached, apr_pool_t *pool);

// [child] Children with a later configuration serve: this one ends what it has under way, a WebSocket perhaps for days.
bool is_outdated_child();

// Of everything that configure_locked() or a request reads and somebody may change while the server runs.
std::uint64_t digest_of(const proxy_balancer &balancer);

// Of the balancer's table: how many sessions it has room for, and how long one is kept after its last use.
std::int64_t table_size_of(const Options &options);
std::int64_t table_expire_us(const Options &options);

// The cookie that the balancer's clients are bound by, and what is done with it.
const char *cookie_name_of(const Options &options, const proxy_balancer_shared &shared);
sb_cookie_mode cookie_mode_of(const Options &options, const proxy_balancer_shared &shared);

}  // namespace stickybalancer
