// SPDX-License-Identifier: Apache-2.0
#include "core/balance/ranked_policy.hpp"

#include <algorithm>

namespace stickybalancer::balance {
namespace {

constexpr int kMostRepeats = 4;

}  // namespace

RankedPolicy::RankedPolicy(const Setup &setup)
    : candidates_(setup.candidates),
      places_(setup.tree.capacity(), kNobody),
      tree_(setup.tree),
      rank_(setup.rank)
{
    for (Place place = 0; place < candidates_.size(); ++place)
        places_.at(candidates_[place].leaf) = place;
}

Leaf RankedPolicy::search(Cursor &cursor, std::span<const Leaf> refused) const noexcept
{
    auto &alone = alone_.mine().word;
    if (const auto [position, left] = unpacked(alone.load()); left > 0) {
        const auto start = static_cast<Leaf>(position) % tree_.capacity();
        const auto leaf = tree_.lowest(rank_, start, refused);
        alone.store(packed({leaf + 1, static_cast<std::uint8_t>(left - 1)}));
        return leaf;
    }
    auto position = cursor.load();
    const auto leaf = tree_.lowest(rank_, static_cast<Leaf>(position) % tree_.capacity(), refused);
    if (leaf != kNoLeaf && position != leaf + 1 && !cursor.compare_exchange(position, leaf + 1))
        alone.store(packed({leaf + 1, kAlone}));
    return leaf;
}

Place RankedPolicy::propose(const Question &question) const noexcept
{
    const auto leaf = search(question.cursor, question.refused);
    return leaf == kNoLeaf ? kNobody : places_[leaf];
}

Key RankedPolicy::key_at(const Candidate &candidate, base::TimeUs now) const noexcept
{
    const auto load = std::min(load_of(candidate, now), kMostLoad);
    const auto share = candidate.slow_start.share(now);
    return key_of(rank_, share == members::kFullShare ? load : load * members::kFullShare / share);
}

// Whoever writes last has read last, or reads again: each exchange stands between a reading of the
// load before it and one behind it (load_tree.hpp has the argument).
bool RankedPolicy::write(const Candidate &candidate, base::TimeUs now) const noexcept
{
    auto key = key_at(candidate, now);
    const bool was_never = tree_.set(candidate.leaf, key) == kNever;
    for (int i = 0; i < kMostRepeats; ++i) {
        const auto again = key_at(candidate, now);
        if (again == key)
            break;
        key = again;
        tree_.set(candidate.leaf, key);
    }
    return was_never;
}

void RankedPolicy::follow(Place place, base::TimeUs now) const noexcept
{
    if (!is_set_aside(place))
        write(candidates_[place], now);
}

bool RankedPolicy::update(Place place, bool accepts, base::TimeUs now) const noexcept
{
    const auto &candidate = candidates_[place];
    if (accepts)
        return write(candidate, now);
    return !is_set_aside(place) && tree_.set(candidate.leaf, kNever) != kNever;
}

}  // namespace stickybalancer::balance
