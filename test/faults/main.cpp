// SPDX-License-Identifier: Apache-2.0
//
// Runs scenarios of faults and prints a row of a table for each; see test/README.md. The exit code
// is 0 where every row is as it shall be, 77 where nothing could be done here.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "test/faults/fault_run.hpp"
#include "test/faults/member_process.hpp"
#include "test/support/httpd_config.hpp"

using namespace stickybalancer::test;

namespace {

using Scenario = std::function<FaultRow(const FaultOptions &)>;
const std::vector<std::pair<std::string, Scenario>> kScenarios = {
    {"long_run", long_run},
    {"long_run_with_limits", long_run_with_limits},
    {"member_killed", member_killed},
    {"member_frozen", member_frozen},
    {"member_silent", member_silent},
    {"member_closes", member_closes},
    {"member_halves", member_halves},
    {"member_slow", member_slow},
    {"member_flaps", member_flaps},
    {"all_members_gone", all_members_gone},
    {"children_killed", children_killed},
    {"checker_killed", checker_killed},
    {"gracefuls", gracefuls},
    {"disk_full", disk_full},
    {"disk_read_only", disk_read_only},
    {"clock_forwards", clock_forwards},
    {"clock_backwards", clock_backwards},
};

const Scenario *find_scenario(const std::string &name)
{
    for (const auto &[known, run] : kScenarios)
        if (known == name)
            return &run;
    return nullptr;
}

int usage()
{
    std::fprintf(stderr,
                 "usage: sb_faults [--quick] [--table] [--lines TEXT] [--seed N] [--requests N] "
                 "[SCENARIO...]\n"
                 "--table: clients are kept by a table of sessions, not by a cookie\n"
                 "--lines: what stands in the section against failing members; empty: nothing\n"
                 "SB_MPM=event|worker|prefork says under which MPM (event).\nScenarios:\n");
    for (const auto &[name, run] : kScenarios)
        std::fprintf(stderr, "    %s\n", name.c_str());
    return 2;
}

struct Order {
    FaultOptions options;
    std::vector<std::string> names;
    bool is_understood = true;
};

// One that takes no word after it, or a scenario.
bool take_word(Order &order, const std::string &word)
{
    if (word == "--quick")
        order.options.is_quick = true, order.options.requests = 20'000, order.options.gracefuls = 3;
    else if (word == "--table")
        order.options.kept_by = KeptBy::kTable;
    else if (find_scenario(word) != nullptr)
        order.names.push_back(word);
    else
        return false;
    return true;
}

bool take_pair(Order &order, const std::string &word, const std::string &value)
{
    if (word == "--seed")
        order.options.seed = std::strtoull(value.c_str(), nullptr, 10);
    else if (word == "--requests")
        order.options.requests = std::strtol(value.c_str(), nullptr, 10);
    else if (word == "--lines")
        order.options.remedies = value.empty() ? value : value + '\n';
    else
        return false;
    return true;
}

Order order_of(const std::vector<std::string> &arguments)
{
    Order order;
    for (std::size_t i = 0; i < arguments.size() && order.is_understood; ++i)
        if (!take_word(order, arguments[i])) {
            order.is_understood =
                i + 1 < arguments.size() && take_pair(order, arguments[i], arguments[i + 1]);
            ++i;
        }
    if (order.names.empty())
        for (const auto &[name, run] : kScenarios)
            order.names.push_back(name);
    return order;
}

enum class Outcome { kWell, kSkipped, kBad };

Outcome run(const std::string &name, const FaultOptions &options)
{
    const auto row = (*find_scenario(name))(options);
    if (!row.skipped.empty())
        std::printf("%-20s skipped: %s\n", name.c_str(), row.skipped.c_str());
    else
        std::printf("%s", text_of(row).c_str());
    for (const auto &complaint : row.complaints)
        std::printf("    %s\n", complaint.c_str());
    std::fflush(stdout);
    if (!row.skipped.empty())
        return Outcome::kSkipped;
    return row.complaints.empty() ? Outcome::kWell : Outcome::kBad;
}

// Whatever went wrong in it is told, and the next one runs.
Outcome try_to_run(const std::string &name, const FaultOptions &options)
{
    try {
        return run(name, options);
    } catch (const std::exception &error) {
        std::printf("%s: %s\n", name.c_str(), error.what());
        return Outcome::kBad;
    }
}

constexpr int kAllSkipped = 77;

}  // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> arguments{argv + 1, argv + argc};
    if (is_member_process(arguments))
        serve_as_member(arguments);
    const auto order = order_of(arguments);
    if (!order.is_understood)
        return usage();
    ::setenv("SB_MODULE", SB_BUILT_MODULE, 0);
    std::printf("%s", heading().c_str());
    std::map<Outcome, std::size_t> outcomes;
    for (const auto &name : order.names)
        ++outcomes[try_to_run(name, order.options)];
    if (outcomes[Outcome::kSkipped] == order.names.size())
        return kAllSkipped;
    return outcomes[Outcome::kBad] == 0 ? 0 : 1;
}
