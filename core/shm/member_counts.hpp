// SPDX-License-Identifier: Apache-2.0
//
// What is counted of a member, as a whole: forgotten, or copied to where the member goes.
//
// Thread safety: under the region's lock; nobody counts there meanwhile.
#pragma once

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/shm/block.hpp"

namespace stickybalancer::shm {

inline void forget_totals(MemberTotals &totals) noexcept
{
    std::memset(static_cast<void *>(&totals), 0, sizeof(totals));
}

// Calls visit(number, other) for each number of the one and the same of the other.
template <typename Totals, typename Visit>
void each_total(Totals &totals, MemberTotals &others, const Visit &visit) noexcept
{
    const auto each = [&](auto &numbers, auto &same) {
        for (std::size_t i = 0; i < std::size(numbers); ++i)
            visit(numbers[i], same[i]);
    };
    each(totals.cookies, others.cookies);
    each(totals.causes, others.causes);
    each(totals.failures, others.failures);
    visit(totals.retried, others.retried);
    visit(totals.queue_waits, others.queue_waits);
    visit(totals.queue_us, others.queue_us);
    visit(totals.queue_lost, others.queue_lost);
}

inline void copy_totals(const MemberTotals &from, MemberTotals &to) noexcept
{
    each_total(from, to, [](const auto &number, auto &copy) { copy.store(number.load()); });
}

inline void add_totals(const MemberTotals &from, MemberTotals &to) noexcept
{
    each_total(from, to, [](const auto &number, auto &sum) { sum.fetch_add(number.load()); });
}

// The member at this place is no more: what it did is in the block's sums from now on. A kill in the midst loses one
// number at most, and counts none twice.
inline void move_to_sums(const Block &block, std::uint32_t place) noexcept
{
    const auto move = [](auto &number, auto &sum) { sum.fetch_add(number.exchange(0)); };
    each_total(block.totals(place), block.removed_totals(), move);
    move(block.slot(place).probes_passed, block.state().removed_checks_passed);
    move(block.slot(place).probes_failed, block.state().removed_checks_failed);
}

// The member at this place of another block has no place in `to`, which has what it did in its sums from now on.
inline void keep_in_sums(const Block &from, std::uint32_t place, const Block &to) noexcept
{
    add_totals(from.totals(place), to.removed_totals());
    to.state().removed_checks_passed.fetch_add(from.slot(place).probes_passed.load());
    to.state().removed_checks_failed.fetch_add(from.slot(place).probes_failed.load());
}

// What was never written is not written now either, so that its pages stay unused.
inline void forget_sketch(const Block &block, std::uint32_t place) noexcept
{
    auto &head = block.sketch(place);
    const auto cells = block.sketch_cells(place);
    const auto columns = cells.size() / kSketchRows;
    for (std::uint32_t row = 0; row < kSketchRows; ++row)
        if ((head.rows.load() >> row & 1) != 0)
            std::memset(static_cast<void *>(&cells[row * columns]), 0, columns);
    std::memset(static_cast<void *>(&head), 0, sizeof(head));
}

inline void forget_counts(const Block &block, std::uint32_t place) noexcept
{
    forget_totals(block.totals(place));
    forget_sketch(block, place);
}

}  // namespace stickybalancer::shm
