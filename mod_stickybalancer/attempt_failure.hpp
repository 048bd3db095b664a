// SPDX-License-Identifier: Apache-2.0
//
// How an attempt at a member failed: what mod_proxy's scheme handlers say of it, in the core's words; and which
// failures put the member out of use.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

bool is_idempotent(const request_rec *r);

sb_failed_attempt failed_by(const request_rec *r, const RequestState &state, sb_failure failure,
                            int status);
// The present attempt, by the status that its scheme handler gave it; then state.retry says how it failed.
bool has_failed(request_rec *r, RequestState &state, int status);

const char *failure_name(const sb_failed_attempt &failed, apr_pool_t *pool);
sb_reason reason_of(const sb_failed_attempt &failed);

// The present attempt's member is marked, and down: so a trial has its verdict.
void put_out_of_use(const request_rec *r, RequestState &state, sb_reason reason);

// By failonstatus=.
bool fails_by_status(const proxy_balancer &balancer, int status);
// failonstatus= and failontimeout= of mod_proxy, for the present attempt, which ended with this status.
void judge_attempt(request_rec *r, RequestState &state, int status);
// Its failures say nothing of the member: the request went there although that is known to be out of use
// (forced_member.hpp), or nobody wants to know (status=+I).
bool is_of_no_account(const RequestState &state);

}  // namespace stickybalancer
