// SPDX-License-Identifier: Apache-2.0
//
// Least time: the member whose attempts under way, this one counted, would take the shortest time for
// its weight: its response time, as an average that is sensitive to peaks, times (active + 1), divided
// by its weight. The average is Finagle's (Twitter, com.twitter.finagle.loadbalancer, Peak
// EWMA): an attempt that took longer than the average is the average at once; a
// shorter one lowers it, the more the longer ago the last was, by the factor e^(-age / 10 s).
// Without attempts it falls by the same rule, so that who was slow once is tried again.
//
//   average 10 ms   after 50 ms              50
//                   after 10 ms, 1 s later   50 * 0.905 + 10 * 0.095 = 46.2
//                   nobody asks, 10 s later  46.2 / e = 17.0
//   loads           a 17 ms, 2 under way: 51    b 40 ms, none: 40    b is next
//
// A member that was never measured is tried before the others, by one attempt: while that one is under
// way it counts as if it took kUnknown_us. An attempt without an answer counts as kFailed_us or as
// twice the average, whichever is longer: who refuses quickly is not fast. A member that is out of use
// is forgotten: when it comes back, what it was when it failed would keep clients away for a minute and
// longer, and it is tried as one that was never measured.
//
// MemberLoad::response_time: microseconds in the upper 32 bits, 0 never measured; the time of that in
// the lower, in milliseconds modulo 2^32, from which ages up to 24 days are told; refresh() writes
// those again that are much younger than that, and those that a clock stepped back has left in
// the future.
//
// Cost: a search of the tree (load_tree.hpp); an attempt moves its average, and its leaf twice. A leaf
// says what the average was when it was written, at most a second ago: 10 % too much. Memory: as
// least_conn.hpp.
#pragma once

#include "core/balance/ranked_policy.hpp"

namespace stickybalancer::balance {

class LeastTime final : public RankedPolicy {
public:
    static constexpr base::DurationUs kTimeConstant{10'000'000};
    static constexpr std::uint32_t kUnknown_us = 1'000'000;
    static constexpr std::uint32_t kFailed_us = 1'000'000;
    static constexpr std::uint32_t kMost_us = 60'000'000;

    using RankedPolicy::RankedPolicy;

    void begun(Place place, bool, base::TimeUs now) const noexcept override { follow(place, now); }
    void ended(Place place, const Outcome &outcome, base::TimeUs now) const noexcept override;
    void forget(Place place) const noexcept override;
    void refresh(base::TimeUs now) const noexcept override;

    // The average at this time, in microseconds; 0: never measured.
    static std::uint32_t average_us(const shm::MemberLoad &load, base::TimeUs now) noexcept;

private:
    Load load_of(const Candidate &candidate, base::TimeUs now) const noexcept override;
};

}  // namespace stickybalancer::balance
