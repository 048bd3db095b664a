// SPDX-License-Identifier: Apache-2.0
//
// The sessions that a request of a balancer with StickyOn belongs to: read once, before its first attempt,
// and given to each; then those of a member's answer, and what the table learns from both.
//
// An answer counts when a member has given it, whatever it says; what httpd answers by itself says nothing.
// Where it is a WebSocket's, which goes around the filters of answers, it is noticed on its way out of the
// connection.
//
// A header X-Sticky-Release, or sticky-release in the environment, ends all sessions that the request or its
// answer names. A Set-Cookie line that deletes the cookie of a StickyOn: by that line nothing is learned.
//
// sticky-release counts whoever answers. With sticky-ignore nothing is read, with sticky-force nothing is
// learned, moved or released.
#pragma once

#include "mod_stickybalancer/live_sessions.hpp"
#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

struct RequestSessions {
    std::uint32_t holding_keys;  // bits, by the order of StickyOn: its if= is true
    std::uint32_t count;
    sb_session sessions[SB_SESSIONS_OF_REQUEST_MAX];  // in order, each once
    std::uint32_t keys[SB_SESSIONS_OF_REQUEST_MAX];   // bits: who names it
    LiveSessions *live;
    LiveSessions::Slot *slot;  // null: not live
    bool is_settled;           // an answer was learned from
    bool has_learned;          // and one of the sessions is at its member now
};

void register_session_filter();

inline bool is_same(const sb_session &one, const sb_session &other)
{
    return one.high == other.high && one.low == other.low;
}

// Null: the balancer has no StickyOn, or is not to ask for sessions of this request.
RequestSessions *read_sessions(request_rec *r, const Attached &attached);

// Before an attempt's request goes out. Also for whoever has no sessions, and tries a failed member (trial.hpp).
void watch_for_upgrade(request_rec *r, RequestState &state);

// The session does not expire while the request is under way.
void keep_alive(RequestSessions &own, const sb_session &session);

// The member has answered; headers are as it sent them. `has_release_header`: X-Sticky-Release is among them.
void settle_sessions(request_rec *r, RequestState &state, bool has_release_header);

inline bool is_settled(const RequestState &state)
{
    return state.sessions != nullptr && state.sessions->is_settled;
}

// A table's session is known by the request alone, so the word may also come while the request is under way.
bool is_release_asked_for(const request_rec *r, const RequestState &state);

// The answer leads the client back to its member by the table, if by anything, and the table has not learned
// a session from it.
bool leaves_client_unbound(const RequestState &state);

// The request is over.
void end_sessions(request_rec *r, RequestState &state);

}  // namespace stickybalancer
