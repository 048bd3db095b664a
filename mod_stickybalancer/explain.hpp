// SPDX-License-Identifier: Apache-2.0
//
// sticky-explain: whose answer it is, and why, for whoever the administrator lets see it (X-Sticky).
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Adds the header to these, which go out with the answer, where it is asked for. Once the environment says what became
// of the request (environment.hpp).
void explain(request_rec *r, apr_table_t *headers);

}  // namespace stickybalancer
