// SPDX-License-Identifier: Apache-2.0
//
// The environment of a request: what mod_proxy_balancer tells it, name for name and value for
// value, and what this module tells besides. For access logs, mod_headers, and pages.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

// Once for each attempt; what an earlier attempt said is replaced. The second letter of STICKY_STATE is
// what the answer is expected to do.
void set_environment(request_rec *r, RequestState &state);

// What it did.
void set_response_letter(request_rec *r, RequestState &state, char letter);

}  // namespace stickybalancer
