// SPDX-License-Identifier: Apache-2.0
//
// Time of one decision in the core, through the C ABI as the module calls it: nanoseconds a pick, for a
// client with a valid cookie and for one without, by number of members. Fails when a pick allocates.
//
//   sb_pick_bench [--quick]
#include <cstdio>

#include "test/bench/core_bench.hpp"

using namespace stickybalancer::bench;

int main(int argc, char **argv)
{
    const auto effort = effort_of(argc, argv);
    std::printf("%8s %18s %18s   (ns a pick, median of %d)\n", "members", "valid cookie",
                "no cookie", effort.rounds);
    for (const std::uint32_t members : {4U, 100U, 1000U, 10000U}) {
        const BenchBalancer balancer(members);
        const auto cookie =
            "theme=dark; session=0123456789abcdef; ROUTEID=." + balancer.route(members / 2);
        const auto header = str_of(cookie);
        std::printf("%8u %18.1f %18.1f\n", members,
                    measure(effort, [&](int i) { balancer.pick(header, i); }),
                    measure(effort, [&](int i) { balancer.pick({}, i); }));
    }
    return 0;
}
