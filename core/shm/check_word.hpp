// SPDX-License-Identifier: Apache-2.0
//
// The word MemberSlot::check: what checks say of a member, in one word, so that one exchange changes all
// of it and the process whose exchange succeeded tells of the change for all others. Zero: never checked.
//
//   bit 0 known, 1 down, 2 the last result was a failure, 3 draining by a check's word
//   bits 16 to 31 how many results in a row were like the last, 32 to 47 how many requests in a row failed
#pragma once

#include <cstdint>
#include <iterator>

#include "core/shm/check_text.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

struct CheckState {
    bool is_known = false;
    bool is_down = false;
    bool has_failed = false;
    bool is_draining = false;
    std::uint16_t results = 0;   // in a row; as many as that and more are as many as that
    std::uint16_t failures = 0;  // of requests, in a row; the same
    friend bool operator==(const CheckState &, const CheckState &) = default;
};

inline constexpr std::uint64_t kKnownBit = 1;
inline constexpr std::uint64_t kDownBit = 2;
inline constexpr std::uint64_t kFailedBit = 4;
inline constexpr std::uint64_t kDrainingBit = 8;

constexpr bool is_down(std::uint64_t check) noexcept { return (check & kDownBit) != 0; }
constexpr bool is_draining(std::uint64_t check) noexcept { return (check & kDrainingBit) != 0; }

constexpr std::uint64_t word_of(const CheckState &state) noexcept
{
    return (state.is_known ? kKnownBit : 0) | (state.is_down ? kDownBit : 0) |
           (state.has_failed ? kFailedBit : 0) | (state.is_draining ? kDrainingBit : 0) |
           std::uint64_t{state.results} << 16 | std::uint64_t{state.failures} << 32;
}

constexpr CheckState check_state_of(std::uint64_t word) noexcept
{
    return {(word & kKnownBit) != 0,
            (word & kDownBit) != 0,
            (word & kFailedBit) != 0,
            (word & kDrainingBit) != 0,
            static_cast<std::uint16_t>(word >> 16),
            static_cast<std::uint16_t>(word >> 32)};
}

// As if it had never been checked.
inline void forget_checks(MemberSlot &slot) noexcept
{
    slot.check.publish(0);
    slot.probe_due_us.store(0);
    slot.probes_passed.store(0);
    slot.probes_failed.store(0);
    slot.last_probe.store(0);
    write_check_text(slot, {});
}

inline void copy_checks(const MemberSlot &from, MemberSlot &to) noexcept
{
    to.check.publish(from.check.acquire());
    to.probe_due_us.store(from.probe_due_us.load());
    to.probes_passed.store(from.probes_passed.load());
    to.probes_failed.store(from.probes_failed.load());
    to.last_probe.store(from.last_probe.load());
    for (std::size_t i = 0; i < std::size(to.check_text); ++i)
        to.check_text[i].store(from.check_text[i].load());
}

}  // namespace stickybalancer::shm
