// SPDX-License-Identifier: Apache-2.0
//
// Consistent hashing: a client goes where the digest of its key says, the same in every process, on
// every machine and after every restart, and most stay where they are when members come and go.
//
// Maglev (D. E. Eisenbud et al., Maglev: A fast and reliable software network load balancer, NSDI
// 2016, section 3.4): a table whose size is a prime number. Each member has an order of its own in
// which it wants all slots, and members take turns to take the first that is still free. Weights, in the
// manner of katran (Facebook, katran/lib/MaglevHashV2.cpp): a member takes as many slots as its weight
// says, spread evenly over all rounds.
//
//   7 slots   a 2 wants 3 0 4 1 5 2 6, b 1 wants 0 2 4 6 1 3 5; a is to have 5 slots, b 2
//   rounds    a 3    a 0, b 2    a 4    a 1 5, b 6         slots 0 to 6 are a a b a a a b
//
// A client whose member cannot serve goes to another slot, made of its key and of how many slots were in
// vain (random jumps: J. Chen, B. Coleman, A. Shrivastava, Revisiting consistent hashing with bounded
// loads, AAAI 2021): only the clients of that member move, to all others by weight, and they come back
// when it does. With a balance factor of p percent, so it is with a member that has p % of its fair
// share of all that is under way, this request counted, rounded up (V. Mirrokni, M. Thorup, M.
// Zadimoghaddam, Consistent hashing with bounded loads, SODA 2018; HAProxy's hash-balance-factor).
// When kMostJumps slots are in vain, the least busy of all gets the request, which is never above its
// fair share before: with a factor, hash keeps the loads of leastconn. The fair share is by the
// weights of those that can serve, which are kept in one shared word: whoever sets a member aside or
// brings it back takes or adds its weight, and refresh() counts again.
//
// A request without a key goes to a slot by chance, which is by weight, and the bound holds.
// A member that is starting gets its clients at once: whose member a client's is may not depend on
// the time.
//
// Cost: one slot and, with a factor, one load, the line of the sums, and an attempt's leaf as in
// least_conn.hpp; a pick writes nothing, but without a key as random_two.hpp, and the cursor where
// the jumps were in vain. Memory: two bytes a slot; the size M of the table is the smallest prime of
// the list in consistent_hash.cpp that has 100 slots for each place of the balancer: 128 KiB up to 655
// places, 2 MiB for 10,000. It goes by places, not by members, so that clients do not move because a
// member more makes the table larger: another table moves nearly all. Making it takes about
// M log M steps.
#pragma once

#include <vector>

#include "core/balance/ranked_policy.hpp"
#include "core/balance/stripes.hpp"

namespace stickybalancer::balance {

class ConsistentHash final : public RankedPolicy {
public:
    explicit ConsistentHash(const Setup &setup);

    Place propose(const Question &question) const noexcept override;
    bool knows_who_serves() const noexcept override { return false; }
    bool update(Place place, bool accepts, base::TimeUs now) const noexcept override;
    void begun(Place place, bool places_session, base::TimeUs now) const noexcept override;
    void ended(Place place, const Outcome &outcome, base::TimeUs now) const noexcept override;
    void refresh(base::TimeUs now) const noexcept override;

    std::span<const std::uint16_t> slots() const noexcept { return slots_; }  // the place in each

private:
    static constexpr int kMostJumps = 32;

    Load load_of(const Candidate &candidate, base::TimeUs now) const noexcept override;
    double fair_share_of_one() const noexcept;
    Place slot_of(std::uint64_t key, int jump) const noexcept;

    std::vector<std::uint16_t> slots_;
    const base::Relaxed<std::uint64_t> *total_active_;
    base::Relaxed<std::uint64_t> *serving_weight_;
    std::uint32_t balance_factor_;
    std::uint64_t weight_ = 0;  // of all
    mutable Stripes numbers_;
};

}  // namespace stickybalancer::balance
