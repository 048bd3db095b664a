// SPDX-License-Identifier: Apache-2.0
//
// Turns memory that somebody hands us into a region, or checks that it is one (LAYOUT.md). The core
// neither makes nor names nor frees that memory: a test uses an array.
//
// Thread safety: format() before the memory is shared; the rest from anywhere.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/result.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

std::size_t region_size(std::uint32_t balancer_count) noexcept;

// Makes an empty region. `memory` is aligned to 64 bytes; size_bytes is region_size() or more.
base::Status format(void *memory, std::size_t size_bytes, std::uint32_t balancer_count) noexcept;

// The balancer's lines, after magic, version, fingerprint, size and index have been checked.
base::Result<BalancerState *> attach(void *memory, std::size_t size_bytes,
                                     std::uint32_t balancer_index) noexcept;

}  // namespace stickybalancer::shm
