// SPDX-License-Identifier: Apache-2.0
//
// One election: asks the core, or the balancer's own method, for the member of one attempt.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

struct Election {
    proxy_worker *worker;  // null: nobody can serve
    sb_pick pick;
    sb_status status;
};

// `query` and `path` are those that the client may name a member in. No lock but where the
// balancer's method is not one of ours: that is called under the lock that mod_proxy_balancer gives
// it.
Election elect(Attached &attached, request_rec *r, const sb_request &request);

// For a request of which nothing is known but that somebody has to serve it.
proxy_worker *elect_unbound(Attached &attached, request_rec *r);

// A member that had failed is to be tried again, by whoever comes.
void mark_retried(proxy_worker &worker);
void mark_failed(proxy_worker &worker, apr_time_t now);

}  // namespace stickybalancer
