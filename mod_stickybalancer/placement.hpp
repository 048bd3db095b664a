// SPDX-License-Identifier: Apache-2.0
//
// A request finds the member that has a place for it. It is elected, and its turn there begins; where it
// is full, a new client is offered others, and whoever belongs to it, or finds all of them full, waits.
#pragma once

#include "mod_stickybalancer/election.hpp"
#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

inline constexpr apr_interval_time_t kOneSecond = apr_time_from_sec(1);

// OK: election.worker is the member, and the attempt has begun. Else the status to answer with. Bounded:
// at most 64 elections, and at each member at most its queuetimeout=.
int find_member(request_rec *r, RequestState &state, const char *url, Election &election);

// Another member than the present one, and those before it, would take this request.
bool has_other_member(request_rec *r, RequestState &state);

// Once a second for each balancer and child: what requests say is a state, and lasts.
bool may_say(Attached &attached, apr_time_t now);
// The same for what has a time of its own, and may last for longer.
bool may_say(std::atomic<apr_time_t> &said_at, apr_time_t now, apr_interval_time_t interval);
// The same; whoever reads lines of level info gets one for each request.
bool may_say(const request_rec *r, std::atomic<apr_time_t> &said_at, apr_interval_time_t interval);

// This request asks the member of its present pick no more.
void remember_tried(request_rec *r, RequestState &state);

}  // namespace stickybalancer
