// SPDX-License-Identifier: Apache-2.0
//
// Whether a MemberRecord is what somebody wrote.
#pragma once

#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

// Of every byte behind the check itself. One changed byte always changes it.
std::uint64_t record_check(const MemberRecord &record) noexcept;

// Zero bytes, or a check that holds and words that have a meaning.
bool is_sound(const MemberRecord &record) noexcept;

}  // namespace stickybalancer::shm
