// SPDX-License-Identifier: Apache-2.0
//
// The only try and catch of the core: what is thrown while configuration is read becomes a status.
#pragma once

#include <new>

#include "core/include/stickybalancer/stickybalancer.h"

namespace stickybalancer::abi {

template <typename Call>
sb_status guard(const Call &call) noexcept
{
    try {
        return call();
    } catch (const std::bad_alloc &) {
        return SB_NO_MEMORY;
    } catch (...) {
        return SB_INTERNAL;
    }
}

}  // namespace stickybalancer::abi
