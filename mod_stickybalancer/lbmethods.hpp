// SPDX-License-Identifier: Apache-2.0
//
// The core's policies as ordinary providers of httpd: `lbmethod=NAME` and balancer-manager can
// select them, for balancers of ours and for those that mod_proxy_balancer elects for.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

void register_lbmethods(apr_pool_t *pool);
bool is_our_method(const proxy_balancer_method *method);

// The method of a balancer of ours that names none.
inline constexpr const char *kDefaultMethod = "roundrobin";

}  // namespace stickybalancer
