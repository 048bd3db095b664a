// SPDX-License-Identifier: Apache-2.0
//
// A server that is about to go: it tells monitors so for a while, and serves whoever still comes. Over all
// processes and virtual hosts, and over restarts.
//
// Thread safety: any thread of a child.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Until when; 0, or a time that has passed: it is none.
apr_time_t lame_duck_until();
inline bool is_lame_duck(apr_time_t now) { return lame_duck_until() > now; }

// False: the server has no balancer, so there is nowhere to note it.
bool set_lame_duck(apr_time_t until);

}  // namespace stickybalancer
