// SPDX-License-Identifier: Apache-2.0
//
// The cookie on the response: one, of the member that answered, and none where the client needs
// none.
//
// It is put in by an output filter of the request, behind mod_headers' and mod_cache's: so it
// replaces a line of the same name that `Header add` or the application made, and a cache does not
// store it. A response that httpd made itself (no member answered) gets none; one that httpd made
// in place of the member's (ProxyErrorOverride) gets it through the headers that survive that.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

void register_response_filter();

// Before an attempt's request goes out.
void prepare_response(request_rec *r, RequestState &state);
// When mod_proxy is done with the request.
void finish_response(request_rec *r, RequestState &state);

}  // namespace stickybalancer
