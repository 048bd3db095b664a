// SPDX-License-Identifier: Apache-2.0
//
// Round robin: smooth, weighted, exact over a period, and the same however many processes take
// turns.
//
// The schedule is made once. The weights are divided by their greatest common divisor; W is their
// sum, and a period has W turns. The m members of one weight w form a class with m * w turns in a
// period; its turn number k is due at the time (k + 1/2) / (m * w) of the period and goes to its
// members one after the other. Turns are taken in the order in which they are due. No order keeps the
// classes closer to their weights in the sum of the squared deviations (R. R. Inman and R. L. Bulfin,
// Sequencing JIT mixed-model assembly lines, Management Science 37, 1991); within a class members
// are evenly spaced, and many small ones do not come in one heap. Equal weights take turns in
// configuration order.
//
//   weights   a 3, b 2, c 1
//   due       a 1/6 3/6 5/6   b 1/4 3/4   c 1/2
//   turns     a b a c b a     then the same again
//
//   weights   a 3, b 1, c 1, d 1
//   due       a 1/6 3/6 5/6   b 1/6   c 3/6   d 5/6
//   turns     a b a c a d
//
// A member that cannot serve is skipped by taking the next turn, which gives its share to the
// others in proportion to their weights, exactly, with nothing to recompute. One addition to a
// shared cursor is all that processes have to agree on; no lock, no state for each member.
//
// Cost: one atomic addition and one read. Memory: four bytes a turn; where a period would be longer
// than kLongestPeriod turns (and 8 for each member), the weights are rounded to fit.
#pragma once

#include <vector>

#include "core/balance/policy.hpp"

namespace stickybalancer::balance {

class RoundRobin final : public Policy {
public:
    static constexpr std::uint64_t kLongestPeriod = 65536;

    explicit RoundRobin(std::span<const std::uint32_t> weights);

    std::uint32_t propose(Cursor &cursor) const noexcept override
    {
        return turns_[cursor.fetch_add(1) % turns_.size()];
    }
    std::span<const std::uint32_t> period() const noexcept { return turns_; }

private:
    std::vector<std::uint32_t> turns_;
};

}  // namespace stickybalancer::balance
