// SPDX-License-Identifier: Apache-2.0
//
// Which member has the lowest load, over all processes, without a lock and without looking at all of
// them: a tree of minima. Each member has a leaf with its key; eight keys are a node and fill a cache
// line; a key of the next level is the least of a node below.
//
//   keys   7 3 9 9 5 3 - -    8 8 4 6 - - - -        leaves, two nodes; -: kNever
//   above  3 4 - - - - - -                            the root
//
// A key is a rank in 16 bits, then a load in 48: members of a lower rank come before all of a higher
// one. kNever is a member that cannot serve, and a leaf that nobody has.
//
// Benefits   the least of 1000 keys is found in 4 lines, of 10,000 in 5, and a change writes as many
//            or fewer: it goes up only as far as a minimum changes. Equal keys take turns: the search
//            begins behind the leaf that was taken last.
// Costs      9.2 bytes a member. The upper lines are written by whoever changes a minimum.
// States     Every word is a number of its own. The tree is exact when each inner key is the least of
//            its node; it may be inexact for as long as a change is under way, and a search is good
//            with that: it goes down to a leaf and takes the key that it finds there. The worst that
//            comes of it is a member that is nearly the best one.
// Transitions
//   set        1 writes the leaf, then for each level: 2 reads the node, 3 exchanges the key above for
//              its least, 4 reads the node again, and does 3 again where the least is another now.
//              It ends where the key above says the least already.
//   Why the order suffices: all of these stand in one order (base/relaxed.hpp). Let A write a key of
//   a node by 1 or 3, and let B be the last to exchange the key above it. If A's write stands before
//   B's reading in 4, B has seen it, and what B left is right. Else A's write stands after B's
//   exchange in 3, and so does A's reading of the key above: A finds what B left and, where
//   that is not the least, exchanges it itself, and is the last. The same holds of a leaf and of the
//   load that its key is made from (ranked_policy.cpp). Repeats are bounded, and a process may be
//   killed between any two steps: then the tree stays inexact until the next change that
//   passes there, or until
//   repair     reads every node and sets the key above where it differs, once a second, by the steps
//              2 to 4.
//   reset      makes anything an empty tree; nobody else may use it meanwhile.
//
// No content can lead a search out of the tree: keys are compared, never followed, and words at the
// end of a node that nothing is below are not looked at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/relaxed.hpp"

namespace stickybalancer::balance {

using Leaf = std::uint32_t;
inline constexpr Leaf kNoLeaf = 0xFFFFFFFF;
using Key = std::uint64_t;
inline constexpr Key kNever = ~Key{0};
inline constexpr int kLoadBits = 48;
inline constexpr std::uint64_t kMostLoad = (std::uint64_t{1} << kLoadBits) - 2;

constexpr Key key_of(std::uint16_t rank, std::uint64_t load) noexcept
{
    return Key{rank} << kLoadBits | (load < kMostLoad ? load : kMostLoad);
}
constexpr std::uint16_t rank_of(Key key) noexcept
{
    return static_cast<std::uint16_t>(key >> kLoadBits);
}

// A view of the shared words, to be copied freely.
class LoadTree {
public:
    using Word = base::Relaxed<std::uint64_t>;
    static constexpr std::uint32_t kFanout = 8;
    static constexpr std::size_t kMostExcluded = 16;

    LoadTree() = default;
    // `words`: word_count(capacity) of them or more, aligned to 64 bytes, else there is no leaf.
    LoadTree(std::span<Word> words, std::uint32_t capacity) noexcept;

    // Nodes of eight words: one for each eight leaves, one for each eight of those, up to one root.
    static constexpr std::size_t word_count(std::uint32_t capacity) noexcept
    {
        std::size_t nodes = 0;
        for (std::size_t width = capacity; width > 0; width = width > 1 ? width : 0) {
            width = (width + kFanout - 1) / kFanout;
            nodes += width;
        }
        return nodes * kFanout;
    }

    std::uint32_t capacity() const noexcept { return capacity_; }
    Key key(Leaf leaf) const noexcept { return words_[leaf].ordered_load(); }

    // Returns what the leaf's key was.
    Key set(Leaf leaf, Key key) const noexcept;
    // A leaf of this rank with the lowest key, the first of them from `start` on and round; none where
    // a key of another rank is lower, or where there is none but those excluded. More than
    // kMostExcluded that could serve are none, too.
    Leaf lowest(std::uint16_t rank, Leaf start, std::span<const Leaf> excluded = {}) const noexcept;

    void repair() const noexcept;
    void reset() const noexcept;

private:
    static constexpr std::size_t kMostLevels = 8;  // of capacities up to 8^8

    struct Level {
        Word *words = nullptr;
        std::uint32_t width = 0;  // words that something is below
    };
    using Excluded = std::span<const Leaf>;

    std::uint32_t end_of_node_with(std::size_t level, std::uint32_t index) const noexcept;
    void raise(std::size_t level, std::uint32_t node) const noexcept;
    Key least_of(std::size_t level, std::uint32_t node) const noexcept;
    Key least_without(std::size_t level, std::uint32_t node, Excluded excluded) const noexcept;
    Key key_without(std::size_t level, std::uint32_t index, Excluded excluded) const noexcept;
    std::uint32_t first_at_most(std::size_t level, std::uint32_t first, Key most,
                                Excluded excluded) const noexcept;
    Leaf down_from(std::size_t level, std::uint32_t index, Key most,
                   Excluded excluded) const noexcept;
    Leaf next_at_most(Leaf start, Key most, Excluded excluded) const noexcept;

    Word *words_ = nullptr;
    std::uint32_t capacity_ = 0;
    std::size_t level_count_ = 0;
    std::array<Level, kMostLevels> levels_;
};

}  // namespace stickybalancer::balance
