// SPDX-License-Identifier: Apache-2.0
//
// What the policies have in common that take the member with the lowest load: each says what a load
// is, the tree knows who has the lowest. Equal loads take turns by the shared cursor, which says
// where the last search ended.
//
// A leaf of kNever is a member that cannot serve, as update() said. An attempt moves a leaf only while
// it is not kNever; one that does so at the moment at which another process sets the member aside
// may bring it back, and the next decision that is offered it sets it aside again.
//
// A member that is starting counts as if it had more load: 256 / share times as much.
//
// Cost: a search of the tree; an attempt writes MemberLoad, a leaf, and the lines above as far as a
// minimum changes. A pick writes the cursor's line, and only where it moves it. Where two move it at
// the same instant, the loser goes by a cursor of its own for the next kAlone picks: equal loads still
// take turns, but each thread has its own.
#pragma once

#include <vector>

#include "core/balance/policy.hpp"
#include "core/balance/stripes.hpp"

namespace stickybalancer::balance {

class RankedPolicy : public Policy {
public:
    explicit RankedPolicy(const Setup &setup);

    Place propose(const Question &question) const noexcept override;
    bool knows_who_serves() const noexcept override { return true; }
    bool update(Place place, bool accepts, base::TimeUs now) const noexcept override;

protected:
    using Load = std::uint64_t;

    // In any unit, the same for all candidates; what is above kMostLoad counts as that. Reads the
    // member's words by ordered_load(), so that two who write its leaf at once agree in the end.
    virtual Load load_of(const Candidate &candidate, base::TimeUs now) const noexcept = 0;

    // The leaf follows the load.
    void follow(Place place, base::TimeUs now) const noexcept;
    bool is_set_aside(Place place) const noexcept
    {
        return tree_.key(candidates_[place].leaf) == kNever;
    }
    const std::vector<Candidate> &candidates() const noexcept { return candidates_; }

private:
    static constexpr std::uint8_t kAlone = 32;

    Leaf search(Cursor &cursor, std::span<const Leaf> refused) const noexcept;
    Key key_at(const Candidate &candidate, base::TimeUs now) const noexcept;
    bool write(const Candidate &candidate, base::TimeUs now) const noexcept;

    std::vector<Candidate> candidates_;
    std::vector<Place> places_;  // by leaf
    LoadTree tree_;
    std::uint16_t rank_;
    mutable Stripes alone_;
};

// value / weight, in units of 2^-bits, so large that different quotients of small numbers differ:
// a / v and b / w are at least 1 / (v * w) apart.
constexpr std::uint64_t per_weight(std::uint64_t value, int bits, std::uint32_t weight) noexcept
{
    const auto most = ~std::uint64_t{0} >> bits;
    return ((value < most ? value : most) << bits) / weight;
}

}  // namespace stickybalancer::balance
