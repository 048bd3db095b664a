// SPDX-License-Identifier: Apache-2.0
//
// Which process checks a balancer's members: the one whose slot is in BalancerState::prober, for as long as
// that says. Who checks renews it all the time; one that was killed has lost it as soon as its slot is given
// back, one that hangs once its time is over. The lease spares the others the work: that no check is made
// twice is not its business (probe_schedule.hpp).
//
//   bits 0 to 19 the process' slot and one, 20 to 63 until when, in milliseconds since 1970; zero: nobody
//
// Thread safety: any thread of any process. Lock-free.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/shm/region.hpp"

namespace stickybalancer::health {

inline constexpr base::DurationUs kLease{2'000'000};

// True: this process checks, and goes on to for the length of the lease.
bool take_lease(shm::BalancerState &state, const shm::Region &region, std::uint32_t process,
                base::TimeUs now) noexcept;
// Whether it has the lease, and its time is not over.
bool has_lease(const shm::BalancerState &state, std::uint32_t process, base::TimeUs now) noexcept;
// Where it has it, another may take it at once.
void give_lease_up(shm::BalancerState &state, std::uint32_t process) noexcept;

}  // namespace stickybalancer::health
