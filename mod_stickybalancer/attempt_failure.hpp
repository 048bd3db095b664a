// SPDX-License-Identifier: Apache-2.0
//
// How an attempt at a member failed: what mod_proxy's scheme handlers say of it, in the core's words.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

bool is_idempotent(const request_rec *r);
bool is_http(const proxy_worker &worker);

sb_failed_attempt failed_by(const request_rec *r, const RequestState &state, sb_failure failure,
                            int status);
// The present attempt, by the status that its scheme handler gave it; then state.retry says how it failed.
bool has_failed(request_rec *r, RequestState &state, int status);

const char *failure_name(const sb_failed_attempt &failed, apr_pool_t *pool);

}  // namespace stickybalancer
