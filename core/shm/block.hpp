// SPDX-License-Identifier: Apache-2.0
//
// The block of one balancer: where its sections begin, and access to them (LAYOUT.md). A Block
// holds the numbers it was checked with, so that what somebody writes over them later leads
// nowhere.
//
// Thread safety: a view, to be copied freely.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

inline constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

// Words of a tree of minima over this many keys, in nodes of eight (balance/load_tree.hpp).
constexpr std::size_t tree_word_count(std::uint32_t capacity) noexcept
{
    std::size_t nodes = 0;
    for (std::size_t width = capacity; width > 0; width = width > 1 ? width : 0) {
        width = (width + 7) / 8;
        nodes += width;
    }
    return nodes * 8;
}

// Cells of a row of each member's sketch: the most with which all of a block's take 32 MB, where there
// are not tens of thousands of places.
constexpr std::uint32_t sketch_columns(std::uint32_t capacity) noexcept
{
    constexpr std::size_t kMostBytes = std::size_t{32} << 20;
    constexpr std::uint32_t kMost = 2048, kFewest = 32;
    std::uint32_t columns = kMost;
    while (columns > kFewest && std::size_t{capacity} * kSketchRows * columns > kMostBytes)
        columns /= 2;
    return columns;
}

// Offsets in a block, in bytes.
struct BlockPlan {
    std::size_t slots = sizeof(BalancerState);
    std::size_t loads, totals, queues, sketches, tree, gauges, row_bytes, cells, sketch_bytes,
        size_bytes;

    // capacity and process_count within their limits: no sum overflows.
    constexpr BlockPlan(std::uint32_t capacity, std::uint32_t process_count) noexcept
        : loads(slots + std::size_t{capacity} * sizeof(MemberSlot)),
          totals(loads + std::size_t{capacity} * sizeof(MemberLoad)),
          // Once more, for members that are no more.
          queues(totals + (std::size_t{capacity} + 1) * sizeof(MemberTotals)),
          sketches(queues + std::size_t{capacity} * sizeof(MemberQueue)),
          tree(sketches + std::size_t{capacity} * sizeof(SketchHead)),
          gauges(tree + tree_word_count(capacity) * sizeof(std::uint64_t)),
          // One gauge more, for the balancer as a whole.
          row_bytes(((std::size_t{capacity} + 1) * sizeof(Gauge) + kLine - 1) / kLine * kLine),
          cells(gauges + std::size_t{process_count} * row_bytes),
          sketch_bytes(std::size_t{kSketchRows} * sketch_columns(capacity)),
          size_bytes(cells + std::size_t{capacity} * sketch_bytes)
    {
    }
};

class Block {
public:
    Block() = default;
    Block(std::byte *region, std::uint64_t offset, std::uint32_t capacity,
          std::uint32_t process_count) noexcept
        : bytes_(region + offset),
          offset_(offset),
          capacity_(capacity),
          process_count_(process_count),
          plan_(capacity, process_count)
    {
    }

    std::uint64_t offset() const noexcept { return offset_; }  // in the region; its name there
    std::uint32_t capacity() const noexcept { return capacity_; }
    const BlockPlan &plan() const noexcept { return plan_; }

    BalancerState &state() const noexcept { return *at<BalancerState>(0); }
    MemberSlot &slot(std::uint32_t place) const noexcept
    {
        assert(place < capacity_);
        return at<MemberSlot>(plan_.slots)[place];
    }
    MemberLoad &load(std::uint32_t place) const noexcept
    {
        assert(place < capacity_);
        return at<MemberLoad>(plan_.loads)[place];
    }
    MemberTotals &totals(std::uint32_t place) const noexcept
    {
        assert(place < capacity_);
        return at<MemberTotals>(plan_.totals)[place];
    }
    // Of members that are no more: a balancer's sums never fall.
    MemberTotals &removed_totals() const noexcept
    {
        return at<MemberTotals>(plan_.totals)[capacity_];
    }
    SketchHead &sketch(std::uint32_t place) const noexcept
    {
        assert(place < capacity_);
        return at<SketchHead>(plan_.sketches)[place];
    }
    // Of the member's sketch: kSketchRows rows, one behind the other.
    std::span<SketchCell> sketch_cells(std::uint32_t place) const noexcept
    {
        assert(place < capacity_);
        return {at<SketchCell>(plan_.cells + place * plan_.sketch_bytes), plan_.sketch_bytes};
    }
    MemberQueue &queue(std::uint32_t place) const noexcept
    {
        assert(place < capacity_);
        return at<MemberQueue>(plan_.queues)[place];
    }
    std::span<base::Relaxed<std::uint64_t>> tree() const noexcept
    {
        return {at<base::Relaxed<std::uint64_t>>(plan_.tree), tree_word_count(capacity_)};
    }

    // The place whose gauges are the balancer's as a whole.
    std::uint32_t whole() const noexcept { return capacity_; }
    Gauge &gauge(std::uint32_t process, std::uint32_t place) const noexcept
    {
        assert(process < process_count_ && place <= capacity_);
        return at<Gauge>(plan_.gauges + process * plan_.row_bytes)[place];
    }

private:
    template <typename T>
    T *at(std::size_t offset) const noexcept
    {
        return reinterpret_cast<T *>(bytes_ + offset);
    }

    std::byte *bytes_ = nullptr;
    std::uint64_t offset_ = 0;
    std::uint32_t capacity_ = 0;
    [[maybe_unused]] std::uint32_t process_count_ = 0;
    BlockPlan plan_{0, 0};
};

}  // namespace stickybalancer::shm
