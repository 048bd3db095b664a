// SPDX-License-Identifier: Apache-2.0
//
// Since when members drain, noted in the region once for all processes.
#pragma once

#include "core/base/time.hpp"
#include "core/selection/view.hpp"

struct sb_balancer;

namespace stickybalancer::abi {

// Of each member that drains and did not, or the other way round. What an operator asked for began when it was
// asked for (MemberRecord::requested_since_us): for a moment of a restart the host's bits may not say so.
// Takes the region's lock, only where there is something to note.
void note_drains(const sb_balancer &balancer, const selection::View &view,
                 base::TimeUs now) noexcept;

}  // namespace stickybalancer::abi
