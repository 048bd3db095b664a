// SPDX-License-Identifier: Apache-2.0
//
// A scenario of faults: what it is asked for, and the row of the table that it comes to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "test/faults/sticky_load.hpp"

namespace stickybalancer::test {

struct FaultOptions {
    std::uint64_t seed = 1;
    long requests = 400'000;
    int gracefuls = 10;
};

struct FaultRow {
    std::string scenario, mpm;
    std::uint64_t seed = 0;
    std::string faults;  // what was done
    Tally tally;
    std::string gauges;  // of all members, right afterwards; and when they were at zero
    double seconds = 0;
    std::vector<std::string> complaints;  // none: as it shall be
};

// Clients must not notice: what they saw, as complaints.
void expect_unnoticed(FaultRow &row);

std::string heading();
std::string text_of(const FaultRow &row);

// The scenarios.
FaultRow long_run(const FaultOptions &options);
FaultRow long_run_with_limits(const FaultOptions &options);

}  // namespace stickybalancer::test
