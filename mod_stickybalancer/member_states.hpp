// SPDX-License-Identifier: Apache-2.0
//
// What members are - up, down, checking, starting - as told by mod_proxy's status bits and by how
// attempts end. The region keeps one word for each, with reason and time; whichever process changes it
// first says so in the log, once for all.
//
//   up        -> down      an attempt could not connect, its answer counts as a failure, or a check failed
//   down      -> checking  its retry interval is over, and one request, of all processes', tries it (trial.hpp)
//   checking  -> up        that request was answered;  -> down  it was not
//             -> checking  it was connected, and nobody else serves: other requests follow
//   checking  and stays so with retry=0, until a request is answered: it is tried by all of them
//   down      -> up        an operator or a check brought it back
//   down      -> checking  a restart has made mod_proxy forget that it failed: the next request tries it
//   a member with checks (health_states.hpp) goes up and down by its verdict only
//   starting  instead of up, while slowstart= lasts
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// An attempt at this member has ended.
void note_attempt(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                  bool is_answered);
// It is out of use by what it answered, or because it did not.
void note_failure(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                  sb_reason reason);
// Requests go to a member that had failed; whether nobody has said so before.
bool note_retry(Attached &attached, const Occasion &occasion, proxy_worker &worker);
// A request that tries it alone is connected, and others may follow.
void note_connection(Attached &attached, const Occasion &occasion, proxy_worker &worker);
// That request was answered.
void note_return(Attached &attached, const Occasion &occasion, proxy_worker &worker);
// Whatever else has changed the status bits; about once a second, by one process.
void note_states(Attached &attached, const Occasion &occasion);
// An operator may have brought members back.
void note_operator(Attached &attached, const Occasion &occasion);

}  // namespace stickybalancer
