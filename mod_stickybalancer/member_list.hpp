// SPDX-License-Identifier: Apache-2.0
//
// mod_proxy's own list of a balancer's members, of this process: kept up to date, and whole.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// Takes members in that were added in another process.
void adopt_members(Attached &attached, server_rec *s, proxy_server_conf *conf);

// Every member is in the list once behind this. mod_proxy_hcheck takes members in without the lock under which
// everybody else does, so that one may come twice, as two workers over one shared part.
// Cost: nothing where none was added at run time, else the square of how many were.
void drop_copies(const Attached &attached);

}  // namespace stickybalancer
