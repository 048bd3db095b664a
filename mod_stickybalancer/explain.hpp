// SPDX-License-Identifier: Apache-2.0
//
// sticky-explain: whose answer it is, and why, for whoever the administrator lets see it (X-Sticky).
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

// "a,b": who was asked, in order, and has not answered; of many the first few. "": nobody was.
const char *names_of_tried(apr_pool_t *pool, const RequestState &state);

// Adds the header to these, which go out with the answer, where it is asked for; where no member has answered, with
// those that were tried. Once the environment says what became of the request (environment.hpp).
void explain(request_rec *r, const RequestState &state, bool is_answered, apr_table_t *headers);

}  // namespace stickybalancer
