// SPDX-License-Identifier: Apache-2.0
//
// Notices what an administrator changes in balancer-manager before the answer to it goes out, so
// that the very next request, in any process, finds the change.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

void register_manager_filter();
void watch_manager(request_rec *r);  // hook insert_filter

}  // namespace stickybalancer
