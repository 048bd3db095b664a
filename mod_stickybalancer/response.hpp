// SPDX-License-Identifier: Apache-2.0
//
// A member's answer on its way to the client: our cookie, one, of the member that answered, and none
// where the client needs none; the application's cookie of that name; what caches are told; and the
// header X-Sticky-Release. The core says what is to be done, here it is done.
//
// It is done by an output filter of the request, behind mod_headers' and mod_cache's: so our cookie
// replaces a line of the same name that `Header add` made, and a cache does not store it. A response
// that httpd made itself (no member answered) is left alone; one that httpd made in place of the
// member's (ProxyErrorOverride) gets the cookie through the headers that survive that.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

inline constexpr const char *kReleaseHeader =
    "X-Sticky-Release";  // a member's word: the session is over

void register_response_filter();

// Before an attempt's request goes out.
void prepare_response(request_rec *r, RequestState &state);
// When mod_proxy is done with the request. Whether the member has answered it; httpd's own page may
// stand for that answer.
bool finish_response(request_rec *r, RequestState &state);

}  // namespace stickybalancer
