// SPDX-License-Identifier: Apache-2.0
#include "test/faults/fault_run.hpp"

#include <cstdio>

namespace stickybalancer::test {
namespace {

constexpr const char *kColumns =
    "%-20s %-7s %-6s %-28s %7s %7s %6s %6s %9s %12s %12s %5s %5s %5s %5s %5s %9s %7s\n";

std::string seconds(double value)
{
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f", value);
    return text;
}

std::string text_of(const Errors &errors)
{
    std::string text;
    for (const auto &[kind, count] : errors)
        text += (text.empty() ? "" : ",") + kind + ':' + std::to_string(count);
    return text.empty() ? "0" : text;
}

bool has_errors(const Tally &tally)
{
    return count_of(tally.elsewhere) + count_of(tally.at_fault) + count_of(tally.posts_at_fault) !=
           0;
}

}  // namespace

const char *const kRemedies =
    "StickyRetry on=connect,reset,timeout attempts=3\n"
    "StickyCheck http uri=/ interval=500ms rise=2 fall=2\n";

void complain_of(FaultRow &row, long count, const std::string &what)
{
    if (count != 0)
        row.complaints.push_back(std::to_string(count) + ' ' + what);
}

void expect_unnoticed(FaultRow &row)
{
    complain_of(row, count_of(row.tally.elsewhere), "errors of clients whose member was well");
    complain_of(row, row.tally.moved, "answers of another member than the client's");
    complain_of(row, row.tally.rebound,
                "cookies for clients that had one, or none for one who moved");
    complain_of(row, row.twice, "POSTs that came to members twice");
}

std::string heading()
{
    char line[400];
    std::snprintf(line, sizeof(line), kColumns, "scenario", "MPM", "kept", "faults", "answers",
                  "clients", "closed", "killed", "elsewhere", "at fault", "its POSTs", "twice",
                  "away", "moved", "last", "back", "gauges", "seconds");
    return line;
}

std::string text_of(const FaultRow &row)
{
    const auto &tally = row.tally;
    char line[400];
    std::snprintf(line, sizeof(line), kColumns, row.scenario.c_str(), row.mpm.c_str(),
                  row.kept_by == KeptBy::kTable ? "table" : "cookie", row.faults.c_str(),
                  std::to_string(tally.answers).c_str(), std::to_string(tally.clients).c_str(),
                  std::to_string(tally.closed).c_str(), std::to_string(tally.killed).c_str(),
                  text_of(tally.elsewhere).c_str(), text_of(tally.at_fault).c_str(),
                  text_of(tally.posts_at_fault).c_str(), std::to_string(row.twice).c_str(),
                  std::to_string(tally.away).c_str(),
                  std::to_string(tally.moved + tally.rebound).c_str(),
                  has_errors(tally) ? seconds(tally.last_error_s).c_str() : "-",
                  row.back_s ? seconds(*row.back_s).c_str() : "-", row.gauges.c_str(),
                  seconds(row.seconds).c_str());
    return line;
}

}  // namespace stickybalancer::test
