// SPDX-License-Identifier: Apache-2.0
//
// What is in force of a member after its configuration was read again, given what an operator has
// changed meanwhile. Field by field, and bit by bit of the state:
//
//   the configuration changed since it was last read     it wins; an operator's value is overridden
//   it did not, and an operator has changed the field    the operator's value is kept
//   neither                                              the configuration's value
//
//   before   now   in force   merged
//   1        1     5          5   kept
//   1        2     5          2   overridden
//   1        2     1          2
//   1        5     5          5         the administrator wrote down what the operator had done
#pragma once

#include <cstdint>

#include "core/shm/layout.hpp"

namespace stickybalancer::overrides {

enum Field : std::uint32_t {
    kWeight = 1,
    kSet = 2,
    kState = 4,
    kRoute = 8,
    kRedirect = 16,
};

struct Merge {
    shm::MemberConfig merged{};
    std::uint32_t kept = 0;  // fields in which an operator's value differs from the configured
    std::uint32_t overridden = 0;  // fields in which an operator's value has been dropped
    // A bit that both have changed is the same for both, so none is ever overridden.
    std::uint32_t kept_state_bits = 0;
};

// A pure function of the three.
Merge merge(const shm::MemberConfig &before, const shm::MemberConfig &now,
            const shm::MemberConfig &in_force) noexcept;

}  // namespace stickybalancer::overrides
