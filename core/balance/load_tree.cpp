// SPDX-License-Identifier: Apache-2.0
#include "core/balance/load_tree.hpp"

#include <algorithm>

namespace stickybalancer::balance {
namespace {

constexpr int kMostRepeats = 4;

constexpr std::uint32_t nodes_over(std::uint32_t width) noexcept
{
    return width / LoadTree::kFanout + (width % LoadTree::kFanout != 0);
}

constexpr std::uint32_t first_of(std::uint32_t node) noexcept { return node * LoadTree::kFanout; }

bool is_above_any(std::span<const Leaf> leaves, std::size_t level, std::uint32_t index) noexcept
{
    for (const auto leaf : leaves)
        if (leaf >> (3 * level) == index)
            return true;
    return false;
}

}  // namespace

LoadTree::LoadTree(std::span<Word> words, std::uint32_t capacity) noexcept
{
    if (capacity == 0 || words.size() < word_count(capacity))
        return;
    words_ = words.data();
    capacity_ = capacity;
    auto *next = words_;
    for (auto width = capacity; level_count_ < kMostLevels; width = nodes_over(width)) {
        levels_[level_count_++] = {next, width};
        next += first_of(nodes_over(width));
        if (width <= kFanout)
            break;
    }
}

// Words behind this one in its node, but no further than there is something below: what lies beyond
// is never read.
std::uint32_t LoadTree::end_of_node_with(std::size_t level, std::uint32_t index) const noexcept
{
    return std::min(first_of(index / kFanout + 1), levels_[level].width);
}

Key LoadTree::least_of(std::size_t level, std::uint32_t node) const noexcept
{
    const auto &words = levels_[level].words;
    const auto first = first_of(node), end = end_of_node_with(level, first);
    auto least = kNever;
    for (auto index = first; index < end; ++index)
        least = std::min(least, words[index].ordered_load());
    return least;
}

void LoadTree::raise(std::size_t level, std::uint32_t node) const noexcept
{
    for (++level; level < level_count_; ++level, node /= kFanout) {
        auto &above = levels_[level].words[node];
        bool has_changed = false;
        for (int i = 0; i < kMostRepeats; ++i) {
            const auto least = least_of(level - 1, node);
            if (above.ordered_load() == least)
                break;
            above.ordered_exchange(least);
            has_changed = true;
        }
        if (!has_changed)
            return;
    }
}

Key LoadTree::set(Leaf leaf, Key key) const noexcept
{
    const auto before = words_[leaf].ordered_exchange(key);
    if (before != key)
        raise(0, leaf / kFanout);
    return before;
}

void LoadTree::repair() const noexcept
{
    for (std::size_t level = 0; level < level_count_; ++level) {
        const auto &[words, width] = levels_[level];
        const auto nodes = nodes_over(width);
        for (auto pad = width; pad < first_of(nodes); ++pad)
            words[pad].store(kNever);
        if (level + 1 == level_count_)
            return;
        for (std::uint32_t node = 0; node < nodes; ++node)
            raise(level, node);
    }
}

void LoadTree::reset() const noexcept
{
    for (std::size_t i = 0; i < word_count(capacity_); ++i)
        words_[i].store(kNever);
}

// What the key would be if the excluded leaves had none. Looks only into nodes above one of these.
Key LoadTree::key_without(std::size_t level, std::uint32_t index, Excluded excluded) const noexcept
{
    if (excluded.empty() || !is_above_any(excluded, level, index))
        return levels_[level].words[index].load();
    return level == 0 ? kNever : least_without(level - 1, index, excluded);
}

Key LoadTree::least_without(std::size_t level, std::uint32_t node, Excluded excluded) const noexcept
{
    auto least = kNever;
    const auto first = first_of(node), end = end_of_node_with(level, first);
    for (auto index = first; index < end; ++index)
        least = std::min(least, key_without(level, index, excluded));
    return least;
}

// In the node of `first`, from there on.
std::uint32_t LoadTree::first_at_most(std::size_t level, std::uint32_t first, Key most,
                                      Excluded excluded) const noexcept
{
    const auto end = end_of_node_with(level, first);
    for (auto index = first; index < end; ++index)
        if (key_without(level, index, excluded) <= most)
            return index;
    return kNoLeaf;
}

Leaf LoadTree::down_from(std::size_t level, std::uint32_t index, Key most,
                         Excluded excluded) const noexcept
{
    while (index != kNoLeaf && level-- > 0)
        index = first_at_most(level, first_of(index), most, excluded);
    return index;
}

// Up from `start` until something to the right will do, then down to it; else from the left end.
Leaf LoadTree::next_at_most(Leaf start, Key most, Excluded excluded) const noexcept
{
    auto index = start;
    for (std::size_t level = 0; level < level_count_; ++level) {
        const bool is_in_node = level == 0 || ++index % kFanout != 0;
        const auto found = is_in_node ? first_at_most(level, index, most, excluded) : kNoLeaf;
        if (found != kNoLeaf)
            return down_from(level, found, most, excluded);
        index = (level == 0 || is_in_node ? index : index - 1) / kFanout;
    }
    return down_from(level_count_, 0, most, excluded);
}

Leaf LoadTree::lowest(std::uint16_t rank, Leaf start, std::span<const Leaf> excluded) const noexcept
{
    if (level_count_ == 0)
        return kNoLeaf;
    std::array<Leaf, kMostExcluded> without;
    std::size_t count = 0;
    for (const auto leaf : excluded) {
        if (leaf >= capacity_ || words_[leaf].load() == kNever)
            continue;
        if (count == without.size())
            return kNoLeaf;
        without[count++] = leaf;
    }
    const Excluded really{without.data(), count};
    // A key may rise between the two searches; the last one takes any leaf of the rank.
    for (int i = 0; i < kMostRepeats; ++i) {
        const auto least = least_without(level_count_ - 1, 0, really);
        if (least == kNever || rank_of(least) != rank)
            return kNoLeaf;
        const auto most = i + 1 < kMostRepeats ? least : key_of(rank, kMostLoad);
        if (const auto leaf = next_at_most(start, most, really); leaf != kNoLeaf)
            return leaf;
    }
    return kNoLeaf;
}

}  // namespace stickybalancer::balance
