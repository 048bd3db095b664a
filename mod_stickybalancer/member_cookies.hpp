// SPDX-License-Identifier: Apache-2.0
//
// The Cookie header as the member gets it (StickyCookie indirect, prefix), and
// without the pins of operators while one may be in force. The client's own stays what
// every other module, the access log and a second attempt see.
//
// For http, https and WebSocket members mod_proxy makes a copy of the headers and offers it to a hook.
// The other protocols' handlers read r->headers_in: a copy takes its place from the election until the
// member answers.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

void register_member_cookies();

// Before an attempt's request goes out; after it, whether or not there was an answer.
void lend_member_headers(request_rec *r, RequestState &state);
void take_back_member_headers(request_rec *r, RequestState &state);

}  // namespace stickybalancer
