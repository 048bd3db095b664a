// SPDX-License-Identifier: Apache-2.0
//
// Least sessions: the member that would have the fewest sessions for its weight, the new one
// counted. Nobody says when a session ends, so sessions that were placed are forgotten at a constant
// rate, with a mean life of 30 minutes (a count that decays exponentially: G. Cormode, V. Shkapenyuk,
// D. Srivastava, B. Xu, Forward Decay, ICDE 2009). Placed one after the other, members
// fill up as seats are given out by V. D'Hondt's method. Equal members take turns.
//
//   weights   a 2, b 1
//   loads     a 1/2  b 1/1     a
//             a 2/2  b 1/1     b, as it is its turn
//             a 2/2  b 2/1     a ...
//   30 minutes later each session counts 1 / e = 0.37, and a new member is not flooded for long.
//
// MemberLoad::sessions is in units of 1 / kUnit of a session; refresh() takes off what has decayed
// since MemberLoad::decayed_us, which whoever moves the stamp on does, and nobody else. It rounds
// down, so that what is left of old sessions comes to 0 in the end.
//
// Cost: a search of the tree (load_tree.hpp); one addition a session and its leaf. Memory: as
// least_conn.hpp. Above 4 million sessions members are equally bad.
#pragma once

#include "core/balance/ranked_policy.hpp"

namespace stickybalancer::balance {

class LeastSessions final : public RankedPolicy {
public:
    static constexpr std::uint32_t kUnit = 1024;
    static constexpr base::DurationUs kMeanLife{30 * 60 * 1'000'000LL};

    using RankedPolicy::RankedPolicy;

    void begun(Place place, bool places_session, base::TimeUs now) const noexcept override;
    void refresh(base::TimeUs now) const noexcept override;

private:
    Load load_of(const Candidate &candidate, base::TimeUs) const noexcept override
    {
        const std::uint64_t sessions = candidate.load->sessions.ordered_load();
        return per_weight(sessions + kUnit, 22, candidate.weight);
    }
};

}  // namespace stickybalancer::balance
