// SPDX-License-Identifier: Apache-2.0
//
// A request's body, kept on its way to a member so that another one can get it from its beginning. Nothing
// waits for it: what is read goes on at once, and a copy stays, up to a limit.
//
// It is an input filter of the request, right above those that read the protocol, and counts as one of them:
// mod_proxy sends a body with the length that the client gave it only where no other filter can change it.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Lifetime: the request. One thread's at a time.
struct BodyReplay {
    apr_bucket_brigade *kept;     // all that was read so far
    apr_bucket_brigade *pending;  // of it, what the present member has not been sent yet
    apr_off_t kept_bytes;
    apr_off_t most_bytes;
    bool is_whole;  // `kept` is all of it: it has not been too much
    ap_filter_t *filter;
};

void register_body_replay();

// Before anybody reads the body. Null: another filter of the request may change it, which cannot be made to begin
// again.
BodyReplay *keep_body(request_rec *r, apr_off_t most_bytes);
// The next member gets it from its beginning. It is whole.
void replay_body(request_rec *r, BodyReplay &replay);
// No member will be asked again.
void drop_body(BodyReplay &replay);

// The request has a body, or may have one.
bool may_have_body(const request_rec *r);

}  // namespace stickybalancer
