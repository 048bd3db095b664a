// SPDX-License-Identifier: Apache-2.0
#include "test/faults/fault_run.hpp"

#include <cstdio>

namespace stickybalancer::test {
namespace {

constexpr const char *kColumns = "%-20s %-7s %5s %-25s %7s %7s %6s %6s %6s %5s %10s %7s %7s\n";

std::string seconds(double value)
{
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f", value);
    return text;
}

void expect_none(FaultRow &row, long count, const std::string &what)
{
    if (count != 0)
        row.complaints.push_back(std::to_string(count) + ' ' + what);
}

}  // namespace

void expect_unnoticed(FaultRow &row)
{
    expect_none(row, row.tally.errors, "errors");
    expect_none(row, row.tally.moved, "answers of another member than the client's");
    expect_none(row, row.tally.rebound, "cookies for clients that had one");
    if (row.complaints.empty())
        return;
    row.complaints.insert(row.complaints.end(), row.tally.first_errors.begin(),
                          row.tally.first_errors.end());
}

std::string heading()
{
    char line[256];
    std::snprintf(line, sizeof(line), kColumns, "scenario", "MPM", "seed", "faults", "answers",
                  "clients", "closed", "killed", "errors", "moved", "last error", "gauges",
                  "seconds");
    return line;
}

std::string text_of(const FaultRow &row)
{
    const auto &tally = row.tally;
    char line[256];
    std::snprintf(line, sizeof(line), kColumns, row.scenario.c_str(), row.mpm.c_str(),
                  std::to_string(row.seed).c_str(), row.faults.c_str(),
                  std::to_string(tally.answers).c_str(), std::to_string(tally.clients).c_str(),
                  std::to_string(tally.closed).c_str(), std::to_string(tally.killed).c_str(),
                  std::to_string(tally.errors).c_str(),
                  std::to_string(tally.moved + tally.rebound).c_str(),
                  tally.errors != 0 ? seconds(tally.last_error_s).c_str() : "-", row.gauges.c_str(),
                  seconds(row.seconds).c_str());
    return line;
}

}  // namespace stickybalancer::test
