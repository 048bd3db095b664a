// SPDX-License-Identifier: Apache-2.0
//
// The environment of a request: what mod_proxy_balancer tells it, name for name and value for
// value, and what this module tells besides. For access logs, mod_headers, and pages.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

// Once for each attempt; what an earlier attempt said is replaced.
void set_environment(request_rec *r, const RequestState &state);

// The second letter of STICKY_STATE says what the response is expected to do; this says that it did
// not.
void take_back_response_state(request_rec *r, const RequestState &state);

}  // namespace stickybalancer
