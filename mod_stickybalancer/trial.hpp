// SPDX-License-Identifier: Apache-2.0
//
// A failed member that has no checks is tried by one request at a time, over all processes. mod_proxy's error bit
// stays while that request is under way, so that the others go on without the member; the request itself sees a
// copy of the member without the bit (forced_member.hpp).
//
//   retry= is over        the first request claims the trial in the region (sb_balancer_begin_trial), and the
//                         interval begins anew: so the next one tries where this one's process was killed
//   the answer begins     the bit is cleared, the member is up
//   it fails              retry= counts from there
//   its client leaves     no verdict: retry= counts from when the trial began
//   connected (http)      and nobody else serves: the bit is cleared, others follow. Whoever has one member only
//                         waits for no first answer
//   all members failed    with forcerecovery, the default, it is time to try each of them, still one request at a
//                         time; the others are answered as where nobody serves
//
// With retry=0, and where errors are ignored (status=+I), there is nothing to claim: all requests go there.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

// The failed member of the present pick, at which the attempt has its place. False: another request tries it.
bool begin_trial(request_rec *r, RequestState &state, proxy_worker &member);

// Every member has failed: it is time to try those that nobody tries.
void make_all_due(Attached &attached);

// What the present attempt has come to; nothing where it is no trial.
void note_trial_connected(const request_rec *r, RequestState &state);
void note_trial_answered(const request_rec *r, RequestState &state);
// It is over, and neither the beginning of an answer nor failonstatus= has said what it has come to.
void end_trial(const request_rec *r, RequestState &state, bool is_answered);

}  // namespace stickybalancer
