// SPDX-License-Identifier: Apache-2.0
//
// Random of two: two members are drawn by weight, and the one with fewer attempts under way for its
// weight gets the request (M. Mitzenmacher, The power of two choices in randomized load balancing,
// IEEE Transactions on Parallel and Distributed Systems 12, 2001). Of n requests at n members the
// busiest has about log log n instead of log n / log log n; what is known of loads may be old without
// everybody running to the same member.
//
// Drawing is by A. J. Walker's alias table as M. D. Vose builds it (A linear algorithm for generating
// random numbers with a given distribution, IEEE Transactions on Software Engineering 17, 1991): each
// column has the height of an average weight, and is its own member's up to a mark, and another's
// above it.
//
//   weights   a 3, b 2, c 1: an average of 2
//   columns   a 2/2        b 2/2        c 1/2, a above it
//   drawn     a 1/3 + 1/6  b 1/3        c 1/6
//
// How busy a member is: attempts under way by weight. A tie goes to the one that was drawn first, which
// was drawn by weight; at little load nearly every pair is a tie, of nothing with nothing. Were
// the new attempt counted, as leastconn does, the heavier would win each of these pairs: idle members
// of weights 1, 1, 4 would get 5, 7, 228 of 240 requests.
//
// A starting member counts by its share of its weight, and is kept as often as the share says when it
// is drawn, else somebody is drawn anew: a tie would give it all its weight.
//
// Cost: two columns and two loads; it writes nothing that processes share, but once for each thread,
// to begin at another number than the others. Memory: 12 bytes a member.
#pragma once

#include <vector>

#include "core/balance/policy.hpp"
#include "core/balance/stripes.hpp"

namespace stickybalancer::balance {

class RandomTwo final : public Policy {
public:
    explicit RandomTwo(const Setup &setup);

    Place propose(const Question &question) const noexcept override;

    // By weight; `number` is any, evenly spread.
    Place draw(std::uint64_t number) const noexcept;

private:
    struct Column {
        std::uint32_t mark = 0;  // of 2^32; below it the column's own
        Place above = 0;
    };

    void fill_columns();
    Place draw_for(const Question &question, Place taken) const noexcept;
    bool is_kept(Place place, const Question &question) const noexcept;
    bool is_less_busy(Place a, Place b, base::TimeUs now) const noexcept;

    std::vector<Candidate> candidates_;
    std::vector<Column> columns_;
    mutable Stripes numbers_;
};

}  // namespace stickybalancer::balance
