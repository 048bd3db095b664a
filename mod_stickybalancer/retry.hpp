// SPDX-License-Identifier: Apache-2.0
//
// A request that fails at a member is tried on another one, where StickyRetry says so. mod_proxy tries again
// only where a member refused the connection; so the scheme handlers are called from here, as often as it
// takes, and mod_proxy sees one call with the outcome of the last.
//
// What a member answers is looked at before any other filter of the request sees it: an answer that stands for
// a failure is thrown away, and what the request was before it is restored.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

void register_retry();

// mod_proxy's scheme_handler. DECLINED: not a balancer of ours, or our own call.
int try_members(request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url,
                const char *proxy_host, apr_port_t proxy_port);

// mod_proxy would mark the member that it knows of as failed, whoever it was that failed last, and is kept from it
// by a note, which goes again here.
void let_mod_proxy_in(request_rec *r, RequestState &state);

}  // namespace stickybalancer
