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
// A member that is starting lets some of its turns pass, by chance.
//
// Where two want the cursor at the same instant, the loser takes kBatch turns at once and uses them
// up before it asks again, and goes on so while they last it no longer than kHot_us and others move
// the cursor, too. No turn is taken twice, and those of a batch come late, by at most
// kBatch - 1 for each thread that lost. Below millions of picks a second that is next to never.
//
// Cost: one atomic operation and one read. Memory: four bytes a turn; where a period would be longer
// than kLongestPeriod turns (and 8 for each member), the weights are rounded to fit.
#pragma once

#include <vector>

#include "core/balance/policy.hpp"
#include "core/balance/stripes.hpp"

namespace stickybalancer::balance {

class RoundRobin final : public Policy {
public:
    static constexpr std::uint64_t kLongestPeriod = 65536;

    explicit RoundRobin(std::span<const std::uint32_t> weights);
    explicit RoundRobin(const Setup &setup);

    Place propose(const Question &question) const noexcept override
    {
        return starts_.empty() ? take_turn(question.cursor, question.now)
                               : take_turn_by_share(question);
    }
    // As many as keep the weights exact while some members are down.
    int most_proposals() const noexcept override { return 256; }

    Place take_turn(Cursor &cursor, base::TimeUs now = {}) const noexcept
    {
        return turns_[next(cursor, now) % turns_.size()];
    }
    std::span<const Place> period() const noexcept { return turns_; }

private:
    static constexpr std::uint8_t kBatch = 32;

    static constexpr std::int64_t kHot_us = 100;

    std::uint64_t next(Cursor &cursor, base::TimeUs now) const noexcept;
    std::uint64_t next_of_batch(Cursor &cursor, base::TimeUs now) const noexcept;
    Place take_turn_by_share(const Question &question) const noexcept;

    std::vector<Place> turns_;
    std::vector<members::SlowStart> starts_;  // by place; empty where nobody ever starts
    mutable Stripes batches_;
};

}  // namespace stickybalancer::balance
