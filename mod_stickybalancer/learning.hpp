// SPDX-License-Identifier: Apache-2.0
//
// What the table of sessions learns from one answer of a member (request_sessions.hpp).
#pragma once

#include "mod_stickybalancer/request_sessions.hpp"

namespace stickybalancer {

void learn_from_answer(request_rec *r, RequestState &state, bool is_release);

// Those of the request.
void forget_sessions(const RequestState &state);

}  // namespace stickybalancer
