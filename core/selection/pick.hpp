// SPDX-License-Identifier: Apache-2.0
//
// The whole decision for one attempt of one request: hint, then policy, then redispatch. A pure
// function but for what policies share: the cursor that it moves, and members that it finds unable to
// serve and sets aside. No allocation, no lock, no clock.
//
//   0. Where neither cookie nor URL names a member, the client's sessions are looked for in the table: the
//      first that is at a member that can serve is the hint, else the first that is at any.
//   1. The hint names a member. The members that share its route are asked in order, standbys last;
//      then the members with the route that each of them names as its redirect.
//      A client of a standby goes home to a member that is none, when failback says so and one can
//      serve. A client of a draining member that may be moved (may_move, or its idle time) is treated as
//      one without a member, where another one accepts new clients.
//   2. None of them can serve: when_down says whether the request is redispatched, or refused, or tried at the
//      client's own member all the same, once, if that failed rather than was taken out by an operator.
//      A draining member whose deadline has passed cannot serve, and counts as taken out.
//   3. An unbound or redispatched request goes set by set: the policy proposes, and proposes again
//      for each member that cannot serve. As many spares serve as regular members are unusable.
//      A policy that knows of nobody is not taken at its word: members may have come back.
//   4. Nobody at all: with last_resort, a failed member that this request has not tried yet.
//
// A member that has as many sessions as it may have takes no client that is new to it, as if it were
// draining: standbys, spares and the next set step in. It is not failed, and calls no last resort.
//
// A member that failed this request is never asked again for it.
#pragma once

#include <cstdint>
#include <span>

#include "core/balance/policy.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/persistence/hint.hpp"
#include "core/selection/view.hpp"
#include "core/stick_table/table_pair.hpp"

namespace stickybalancer::selection {

// Why this member.
enum class Cause : std::uint8_t {
    kPolicy = 0,
    kCookie = 1,
    kPath = 2,
    kQuery = 3,
    kForced = 4,
    kRedispatch = 5,
    kHash = 6,     // the policy, by the client's key
    kTable = 7,    // a session of the client's
    kPersist = 8,  // its own member, although that is down
};

// What becomes of a bound client whose member cannot serve.
enum class WhenDown : std::uint8_t {
    kRedispatch = 0,
    kPersist = 1,  // its member is tried all the same, then others
    kForbid = 2,   // it is never moved
};

// Sessions that the client may have, in the order of their authority.
struct Sessions {
    stick_table::TablePair table;
    std::span<const stick_table::Key> keys;
};

struct PickRequest {
    persistence::RequestText text;
    std::span<const std::uint64_t> tried;  // handles of members that failed this request already
    base::TimeUs now;
    std::uint64_t affinity = 0;  // digest of what the client is hashed by; 0: nothing
    Sessions sessions = {};
    WhenDown when_down = WhenDown::kRedispatch;
    bool may_move = false;  // away from a draining member
};

struct Pick {
    members::MemberIndex member =
        members::kNoMember;  // none: the host's own method places this request
    Cause cause = Cause::kPolicy;
    persistence::Hint hint;     // hint.cookie says kDown when the cookie's member cannot serve
    bool recovers_all = false;  // every member had failed: all are to be tried again
    bool marks_retry = false;   // the member had failed, and this request tries it again
    bool moves_route = false;   // the member's route is not the one that was asked for
    bool binds_client = false;  // what the client is told of this member brings it back
    bool wants_cookie = false;  // without a new cookie the client's next request would go wrong
    persistence::CookieDates dates;  // for that cookie
    std::uint32_t session =
        0;  // which of the request's sessions names the hint's member, from 1; 0: none
};

base::Result<Pick> pick(const PickRequest &request, const View &view,
                        balance::Cursor *cursors) noexcept;

}  // namespace stickybalancer::selection
