// SPDX-License-Identifier: Apache-2.0
//
// Which secrets pins of a balancer are made with: the administrator's where there are any, else the region's own,
// which nobody knows and which lives as long as the region.
#pragma once

#include "core/abi/handles.hpp"
#include "core/persistence/pin.hpp"

namespace stickybalancer::abi {

persistence::PinKeys pin_keys_of(const sb_balancer &balancer, const sb_settings &settings);

// Somebody may have a pin that has not ended.
inline bool may_be_pinned(const sb_balancer &balancer, base::TimeUs now) noexcept
{
    return now.us < balancer.shared.pins_until_us.load();
}

}  // namespace stickybalancer::abi
