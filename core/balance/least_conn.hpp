// SPDX-License-Identifier: Apache-2.0
//
// Least connections: the member that would have the fewest attempts under way for its weight, this
// one counted, so that idle members are told apart by weight (Wensong Zhang, Linux Virtual Server:
// weighted least connection, ip_vs_wlc.c, in the form of shortest expected delay, ip_vs_sed.c). Equal
// members take turns.
//
//   weights   a 2, b 1; nobody leaves
//   loads     a 1/2  b 1/1     a
//             a 2/2  b 1/1     b, as it is its turn
//             a 2/2  b 2/1     a
//             a 3/2  b 2/1     a
//             a 4/2  b 2/1     b, and so on: 2 to 1
//
// Cost: a search of the tree (load_tree.hpp); two additions an attempt and its leaf. Memory: four
// bytes for each place of the balancer, and its share of the tree.
// Weights up to 25600 are compared exactly: quotients that differ do so by 1 / 25600^2 or more,
// and a load counts 1 / 2^30. Above 262,143 attempts for a weight of 1, members are equally bad.
#pragma once

#include "core/balance/ranked_policy.hpp"

namespace stickybalancer::balance {

class LeastConn final : public RankedPolicy {
public:
    using RankedPolicy::RankedPolicy;

    void begun(Place place, bool, base::TimeUs now) const noexcept override { follow(place, now); }
    void ended(Place place, const Outcome &, base::TimeUs now) const noexcept override
    {
        follow(place, now);
    }

private:
    Load load_of(const Candidate &candidate, base::TimeUs) const noexcept override
    {
        const std::uint64_t active = candidate.load->active.ordered_load();
        return per_weight(active + 1, 30, candidate.weight);
    }
};

}  // namespace stickybalancer::balance
