// SPDX-License-Identifier: Apache-2.0
//
// An attempt at a member begins: at once, or after its turn in the member's queue. A request that waits
// keeps its thread; it sleeps, and is woken when its turn may have come.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

enum class Turn {
    kMine,        // the attempt has begun
    kFull,        // it would have to wait, and may not, or as many do as may
    kNoSession,   // as kFull, but for maxsessions=: the client is new to the member
    kTimedOut,    // queuetimeout= is over
    kClientGone,  // nobody is there to answer
    kMemberGone,  // the member can serve nobody any more
};

struct TurnRequest {
    Attached &attached;
    proxy_worker &worker;
    std::uint32_t place;
    bool places_client;  // new to the member, and to be its own
    bool may_wait;
    bool is_forced;  // the member is wanted whatever its state
    apr_time_t now;
};

// `waited_us`: how long it took, where it took any time.
Turn take_turn(const request_rec *r, const TurnRequest &asked, sb_attempt &attempt,
               apr_interval_time_t &waited_us);

// One who sleeps at this word; null: nobody.
void wake(const std::uint32_t *word);

}  // namespace stickybalancer
