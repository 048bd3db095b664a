// SPDX-License-Identifier: Apache-2.0
//
// The core's policies as ordinary providers of httpd: `lbmethod=NAME` and balancer-manager can
// select them, for balancers of ours and for those that mod_proxy_balancer elects for.
#pragma once

#include "mod_stickybalancer/config_tree.hpp"

namespace stickybalancer {

void register_lbmethods(apr_pool_t *pool);
bool is_our_method(const proxy_balancer_method *method);

// The method of a balancer of ours that names none.
inline constexpr const char *kDefaultMethod = "roundrobin";

// Of this server's copy of the balancer: the one that its configuration names, else one that is named for another copy
// over the same members, whose loads a method compares; null: none is named.
const char *chosen_method(const ConfigTree &tree, const server_rec *main_server,
                          const server_rec *s, const proxy_balancer &balancer);

}  // namespace stickybalancer
