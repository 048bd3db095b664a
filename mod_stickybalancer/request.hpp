// SPDX-License-Identifier: Apache-2.0
//
// The request's way through a balancer of ours: mod_proxy's pre_request, once for each attempt, and
// post_request, once at the end. Both answer DECLINED for balancers that are not ours, and
// mod_proxy_balancer does its work there.
#pragma once

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/election.hpp"

namespace stickybalancer {

struct RequestSessions;
struct BodyReplay;

// Of a request that may be tried on several members.
struct RetryState {
    char *balancer_url;  // "balancer://...": what each attempt's URL is made of
    BodyReplay *body;    // null: there is none, or it is not kept
    bool is_trying;      // our own call of the scheme handlers is under way
    bool is_over;        // nobody else is asked, whatever mod_proxy makes of the outcome
    bool has_begun;      // the present attempt's answer is on its way to the client
    bool is_held;        // it failed in a way that may go elsewhere; what it answers is thrown away
    bool is_lost;        // the present attempt had no answer, and that is its member's fault
    apr_off_t held_bytes;
    apr_off_t sent_before;      // by all requests to the present member, before this attempt
    sb_failed_attempt failure;  // of the present attempt, where is_held
    proxy_worker
        *spared;  // mod_proxy's own member, while it is not to be marked for another's failure
};

// What is known of one request between its attempts. Lifetime: the request.
struct RequestState {
    Attached *attached;
    proxy_worker *worker;  // of the present attempt, whose busy count it is part of; null: none
    sb_pick pick;          // of the present attempt
    sb_attempt attempt;    // the present one, as the core counts it
    apr_time_t began_at;   // when it did
    apr_interval_time_t queued_us;  // how long the request has waited for its turn, in all
    int attempts;
    std::uint64_t *tried;  // handles of the members of earlier attempts
    std::size_t tried_count;
    std::size_t tried_capacity;
    std::size_t passed_count;  // the last of them, which had no place free and may be asked again
    bool may_wait;             // they have been: nobody has a place free
    apr_table_t *client_headers;  // r->headers_in, while the member's copy stands in its place
    RequestSessions *sessions;    // null: nobody asks for any
    RetryState retry;
    bool ignores_persistence;
    bool is_release;  // the administrator's word: the client's session is over
    bool has_response_filter;
    bool is_answered;      // the answer's headers are done
    char response_letter;  // of STICKY_STATE, as it stands in the environment
    bool is_client;        // counted among the member's sessions (client_count.hpp)
    std::uint64_t client;
    apr_time_t client_counted_at;
};

// Null for a request that did not come to a balancer of ours.
inline RequestState *state_of(const request_rec *r)
{
    return static_cast<RequestState *>(
        ap_get_module_config(r->request_config, &stickybalancer_module));
}

int pre_request(proxy_worker **worker, proxy_balancer **balancer, request_rec *r,
                proxy_server_conf *conf, char **url);
// As proxy_handler() calls it, and again for each further member: OK, and the member and its URL; or a status.
int go_to_member(request_rec *r, RequestState &state, proxy_worker **worker, char **url);
// The present attempt's member failed this request: let it go, and remember it.
void end_failed_attempt(request_rec *r, RequestState &state);
// failonstatus= and failontimeout= of mod_proxy, for the present attempt, which ended with this status.
void judge_attempt(request_rec *r, RequestState &state, int status);
// The request has gone out to an http or https member.
int note_connected(request_rec *r, request_rec *answer);
int post_request(proxy_worker *worker, proxy_balancer *balancer, request_rec *r,
                 proxy_server_conf *conf);

}  // namespace stickybalancer
