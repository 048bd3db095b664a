// SPDX-License-Identifier: Apache-2.0
//
// What mod_status' page shows of the balancers of ours: their members, and how many cookies were refused,
// and why.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

void register_status_page();

}  // namespace stickybalancer
