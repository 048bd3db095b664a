// SPDX-License-Identifier: Apache-2.0
//
// How many distinct clients of a member were seen within a time, where nothing is kept of each: a sketch of fixed
// size in the region.
//
//             m columns, by 11 bits of the client's digest
//   row 0   | 17  0 18 18  5 17  0 18 ... |  half of the clients       a cell: the slice of time in which
//   row 1   |  0 16  0  0 18  0  0  0 ... |  a quarter                 one of its clients was last seen,
//    ...                                                               1 + slice mod 255; 0: none was
//   row 19  |  0  0  0  0  0  0  0  0 ... |  one in 2^19
//
// A client always has the same cell, so however often it comes it is counted once. A cell counts while its stamp is
// no older than the lifetime; how many do, row by row, gives the estimate (estimate.hpp). A slice is a power of
// two of microseconds, SketchHead::scale says which: the lifetime has 32 to 64 of them, where it has more than
// some seconds. So a client goes at most 1/32 of the lifetime late.
//
// Whoever sweeps, once a second, zeroes stamps that are too old long before the byte would take them for new ones,
// and stores the estimate for readers. A sketch that was not swept for so long starts afresh; so it does when the
// scale changes, and when the clock was stepped back by more than a lifetime. A smaller step back: what was seen
// before it stays young for as long.
//
// Killed at any instruction: a cell is one byte, zero or a stamp. A row's bit is set before its first cell, and never
// cleared while the member has its place. A sketch that is being emptied says that it counts nobody.
//
// Thread safety: any thread of any process. note() takes no lock and writes one byte where that is not there
// already; sweep() and note() may meet in a cell, and the newer stamp stays.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/shm/block.hpp"

namespace stickybalancer::counting {

// The smallest with which 64 slices are no shorter than the lifetime; but no slice is too short for a byte to be
// swept in time.
constexpr std::uint32_t scale_of(base::DurationUs lifetime) noexcept
{
    constexpr std::uint32_t kFewest = 16, kMost = 50;
    std::uint32_t scale = kFewest;
    while (scale < kMost && (std::int64_t{64} << scale) < lifetime.us)
        ++scale;
    return scale;
}

struct SeenClients {
    std::uint64_t sessions = 0;
    base::TimeUs last_seen;  // 0: nobody ever was
    base::TimeUs end;        // 0: there is none
};

class Sketch {
public:
    Sketch(const shm::Block &block, std::uint32_t place) noexcept
        : head_(block.sketch(place)), cells_(block.sketch_cells(place))
    {
    }

    // What is configured. Starts afresh where what is there was written otherwise, or is too old.
    void count_for(base::DurationUs lifetime, base::TimeUs now) const noexcept;
    // Nobody is counted from here on.
    void stop() const noexcept;

    // A client was seen. `client`: a digest of it.
    void note(std::uint64_t client, base::TimeUs now) const noexcept;
    // How many cells it has looked at.
    std::size_t sweep(base::TimeUs now) const noexcept;
    SeenClients seen(base::TimeUs now) const noexcept;

private:
    bool is_forgotten(std::uint32_t scale, base::TimeUs now) const noexcept;
    void empty() const noexcept;
    std::size_t columns() const noexcept { return cells_.size() / shm::kSketchRows; }

    shm::SketchHead &head_;
    std::span<shm::SketchCell> cells_;
};

// Somebody was, whoever it was: `step`: how exactly that is wanted.
void note_seen(base::Relaxed<std::int64_t> &last_us, base::DurationUs step,
               base::TimeUs now) noexcept;

// What is due of all sketches of a block once a second; of very many, some at a time.
void sweep_some(const shm::Block &block, base::TimeUs now) noexcept;

// To a place that has none yet. One with more columns becomes narrower: two cells become one, which has the newer
// stamp of both. Into one with more columns nothing can be copied, and it starts afresh.
void copy_sketch(const shm::Block &from, std::uint32_t from_place, const shm::Block &to,
                 std::uint32_t to_place) noexcept;

}  // namespace stickybalancer::counting
