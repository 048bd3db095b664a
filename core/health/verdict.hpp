// SPDX-License-Identifier: Apache-2.0
//
// Whether a member is down, by its checks and by the requests that failed there. The verdict is a word that
// all processes share (shm/check_word.hpp).
//
//   fall = 3, rise = 2      P P F P F F F P F P P
//   in a row                1 2 1 1 1 2 3 1 1 1 2
//   the member is           up up up up up up DOWN . . . UP
//
// Results count in a row: the opposite one begins anew. The first that there ever was decides by itself, so
// that a server that starts beside dead members knows after one interval. A failed request that put the member
// out of use takes it down at once, as `fall` failed checks would; only `rise` passed ones bring it back.
//
// Thread safety: any thread of any process. Lock-free; each call makes one exchange, and once more for each
// other process that was faster.
#pragma once

#include <cstdint>

#include "core/shm/check_word.hpp"

namespace stickybalancer::health {

enum class ProbeResult : std::uint8_t {
    kFailed = 0,
    kPassed = 1,
    kPassedDraining = 2,  // it serves those that it has, and wants no new clients
};

struct Thresholds {
    std::uint32_t rise = 2;
    std::uint32_t fall = 3;
    std::uint32_t observe = 0;  // failed requests in a row; 0: requests are not counted
};

// What a call has changed; bits. Of all processes one is told.
enum Change : std::uint32_t {
    kNoChange = 0,
    kWentDown = 1,
    kCameUp = 2,
    kBeganToDrain = 4,
    kIsReadyAgain = 8,
};

// A check has ended.
std::uint32_t note_probe(base::Published<std::uint64_t> &check, ProbeResult result,
                         const Thresholds &thresholds) noexcept;

// A request has ended at the member. One that went well costs one read.
std::uint32_t note_request(base::Published<std::uint64_t> &check, bool has_failed,
                           const Thresholds &thresholds) noexcept;

// A request has put the member out of use. Changes nothing where it is down.
std::uint32_t note_out_of_use(base::Published<std::uint64_t> &check) noexcept;

}  // namespace stickybalancer::health
