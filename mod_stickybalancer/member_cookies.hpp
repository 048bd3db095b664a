// SPDX-License-Identifier: Apache-2.0
//
// The Cookie header as the member gets it (StickyCookie indirect, prefix), and, while one may be in force, without the
// pins of operators: these are kept from every server that mod_proxy asks by http, https or WebSocket, whoever's
// balancer it is of, if any. The client's own header stays what every other module, the access log and a second
// attempt see.
//
// For http, https and WebSocket members mod_proxy makes a copy of the headers and offers it to a hook.
// The other protocols' handlers read r->headers_in: a copy takes its place from the election until the
// member answers.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

void register_member_cookies();
void hide_pins_of(const sb_region *region);  // [child_init]

// Before an attempt's request goes out; after it, whether or not there was an answer.
void lend_member_headers(request_rec *r, RequestState &state);
void take_back_member_headers(request_rec *r, RequestState &state);

}  // namespace stickybalancer
