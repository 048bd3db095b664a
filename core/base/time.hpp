// SPDX-License-Identifier: Apache-2.0
//
// Times and spans as types of their own, so that the compiler keeps them apart.
// There is no now(): whoever calls the core says what time it is.
#pragma once

#include <compare>
#include <cstdint>

namespace stickybalancer::base {

struct DurationUs {
    std::int64_t us = 0;
    auto operator<=>(const DurationUs &) const = default;
};

// Microseconds since 1970-01-01 UTC.
struct TimeUs {
    std::int64_t us = 0;
    auto operator<=>(const TimeUs &) const = default;
    friend DurationUs operator-(TimeUs later, TimeUs earlier) { return {later.us - earlier.us}; }
};

}  // namespace stickybalancer::base
