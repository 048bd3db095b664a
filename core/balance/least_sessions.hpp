// SPDX-License-Identifier: Apache-2.0
//
// Least sessions: the member that would have the fewest sessions for its weight, the new one
// counted. What a session is, and how long it counts, is in placed_sessions.hpp. Placed one after the
// other, members fill up as seats are given out by V. D'Hondt's method. Equal members take turns.
//
//   weights   a 2, b 1
//   loads     a 1/2  b 1/1     a
//             a 2/2  b 1/1     b, as it is its turn
//             a 2/2  b 2/1     a ...
//   30 minutes later each session counts 1 / e = 0.37, and a new member is not flooded for long.
//
// Whoever begins an attempt counts its session before it tells the policy (selection/view.hpp): the
// leaf is written from what the count is then.
//
// Cost: a search of the tree (load_tree.hpp); a session's leaf. Memory: as least_conn.hpp. Above 4
// million sessions members are equally bad.
#pragma once

#include "core/balance/placed_sessions.hpp"
#include "core/balance/ranked_policy.hpp"

namespace stickybalancer::balance {

class LeastSessions final : public RankedPolicy {
public:
    using RankedPolicy::RankedPolicy;

    void begun(Place place, bool places_session, base::TimeUs now) const noexcept override
    {
        if (places_session)
            follow(place, now);
    }
    void ended(Place place, const Outcome &outcome, base::TimeUs now) const noexcept override
    {
        if (outcome.gives_session_back())
            follow(place, now);
    }

private:
    Load load_of(const Candidate &candidate, base::TimeUs) const noexcept override
    {
        const std::uint64_t units = candidate.load->sessions.ordered_load();
        return per_weight(units + kSession, 22, candidate.weight);
    }
};

}  // namespace stickybalancer::balance
