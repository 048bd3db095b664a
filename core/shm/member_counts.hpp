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

inline void copy_totals(const MemberTotals &from, MemberTotals &to) noexcept
{
    const auto copy = [](const auto &numbers, auto &copies) {
        for (std::size_t i = 0; i < std::size(numbers); ++i)
            copies[i].store(numbers[i].load());
    };
    copy(from.cookies, to.cookies);
    copy(from.causes, to.causes);
    copy(from.failures, to.failures);
    to.retried.store(from.retried.load());
    to.queue_waits.store(from.queue_waits.load());
    to.queue_us.store(from.queue_us.load());
    to.queue_lost.store(from.queue_lost.load());
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
