// SPDX-License-Identifier: Apache-2.0
//
// A scenario of faults: what it is asked for, and the row of the table that it comes to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "test/faults/sticky_load.hpp"

namespace stickybalancer::test {

// In the balancer's section, where members fail: what shall keep it from clients.
extern const char *const kRemedies;

struct FaultOptions {
    std::uint64_t seed = 1;
    bool is_quick = false;
    long requests = 400'000;
    int gracefuls = 10;
    KeptBy kept_by = KeptBy::kCookie;
    std::string remedies = kRemedies;  // empty: errors at a member that fails are the fault's cost
};

struct FaultRow {
    std::string scenario, mpm;
    KeptBy kept_by = KeptBy::kCookie;
    std::string faults;  // what was done
    Tally tally;
    long twice = 0;                // POSTs that more than one member got, or one twice
    std::optional<double> back_s;  // from the end of the fault until new clients reach the member
    std::string gauges;            // of all members, right afterwards; and when they were at zero
    double seconds = 0;
    std::string skipped;                  // why it could not be done; empty: it was
    std::vector<std::string> complaints;  // none: as it shall be
};

// Clients of members that are well must not notice: what they saw, as complaints.
void expect_unnoticed(FaultRow &row);
void complain_of(FaultRow &row, long count, const std::string &what);

std::string heading();
std::string text_of(const FaultRow &row);

// The scenarios.
FaultRow long_run(const FaultOptions &options);
FaultRow long_run_with_limits(const FaultOptions &options);

FaultRow member_killed(const FaultOptions &options);
FaultRow member_frozen(const FaultOptions &options);
FaultRow member_silent(const FaultOptions &options);
FaultRow member_closes(const FaultOptions &options);
FaultRow member_halves(const FaultOptions &options);
FaultRow member_slow(const FaultOptions &options);
FaultRow member_flaps(const FaultOptions &options);
FaultRow all_members_gone(const FaultOptions &options);

FaultRow children_killed(const FaultOptions &options);
FaultRow checker_killed(const FaultOptions &options);
FaultRow gracefuls(const FaultOptions &options);
FaultRow disk_full(const FaultOptions &options);
FaultRow disk_read_only(const FaultOptions &options);
FaultRow clock_forwards(const FaultOptions &options);
FaultRow clock_backwards(const FaultOptions &options);

}  // namespace stickybalancer::test
