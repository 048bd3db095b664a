// SPDX-License-Identifier: Apache-2.0
//
// Runs scenarios of faults and prints a row of a table for each; see test/README.md. The exit code
// is 0 where every row is as it shall be.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "test/faults/fault_run.hpp"
#include "test/support/httpd_config.hpp"

using namespace stickybalancer::test;

namespace {

using Scenario = std::function<FaultRow(const FaultOptions &)>;
const std::map<std::string, Scenario> kScenarios = {
    {"long_run", long_run},
    {"long_run_with_limits", long_run_with_limits},
};

int usage()
{
    std::fprintf(stderr,
                 "usage: sb_faults [--quick] [--seed N] [--requests N] [SCENARIO...]\n"
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

Order order_of(const std::vector<std::string> &arguments)
{
    Order order;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto &word = arguments[i];
        const bool has_number =
            (word == "--seed" || word == "--requests") && i + 1 < arguments.size();
        if (word == "--quick")
            order.options.requests = 20'000, order.options.gracefuls = 3;
        else if (has_number && word == "--seed")
            order.options.seed = std::strtoull(arguments[++i].c_str(), nullptr, 10);
        else if (has_number)
            order.options.requests = std::strtol(arguments[++i].c_str(), nullptr, 10);
        else if (kScenarios.count(word) != 0)
            order.names.push_back(word);
        else
            order.is_understood = false;
    }
    if (order.names.empty())
        for (const auto &[name, run] : kScenarios)
            order.names.push_back(name);
    return order;
}

// Says whether the row is as it shall be.
bool run(const std::string &name, const FaultOptions &options)
{
    const auto row = kScenarios.at(name)(options);
    std::printf("%s", text_of(row).c_str());
    for (const auto &complaint : row.complaints)
        std::printf("    %s\n", complaint.c_str());
    std::fflush(stdout);
    return row.complaints.empty();
}

}  // namespace

int main(int argc, char **argv)
{
    const auto order = order_of({argv + 1, argv + argc});
    if (!order.is_understood)
        return usage();
    ::setenv("SB_MODULE", SB_BUILT_MODULE, 0);
    std::printf("%s", heading().c_str());
    bool is_well = true;
    for (const auto &name : order.names) {
        try {
            is_well = run(name, order.options) && is_well;
        } catch (const std::exception &error) {
            std::printf("%s: %s\n", name.c_str(), error.what());
            is_well = false;
        }
    }
    return is_well ? 0 : 1;
}
