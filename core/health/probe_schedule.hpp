// SPDX-License-Identifier: Apache-2.0
//
// When a member's next check is due, and who makes it: MemberSlot::probe_due_us, claimed by an exchange, so
// that a member is checked once an interval in the whole server, whatever processes believe of each other.
//
//   due      |----.----|----.----|----.----| . . . . . . |----.----|      one interval apart, exactly
//   checks        x         x         x       (a pause)       x           late ones move nothing behind them
//
// Members begin at different points of their interval, by their identity; the first check comes within two
// seconds, however long the interval is. Due times go on by whole intervals: they do not drift, and after
// a pause there is one check, not one for each that was missed.
//
// Thread safety: any thread of any process. Lock-free, one exchange.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::health {

// True: it is due, and this call, of all processes', is the one to make it. `identity` of the member.
bool claim_probe(shm::MemberSlot &slot, std::uint64_t identity, base::DurationUs interval,
                 base::TimeUs now) noexcept;

}  // namespace stickybalancer::health
