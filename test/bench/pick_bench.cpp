// SPDX-License-Identifier: Apache-2.0
//
// Time of one decision in the core by policy and number of members, in nanoseconds: a pick for a client
// with a valid cookie, for one without, and what an attempt costs the policy from its begin to its end;
// and how much more two threads, or two processes, pick in the same time than one. Fails when any of it
// allocates.
//
//   sb_pick_bench [--quick] [POLICY]
#include <cstdio>
#include <string>

#include "core/balance/mix.hpp"
#include "test/bench/placement.hpp"

using namespace stickybalancer;
using namespace stickybalancer::bench;

namespace {

constexpr base::TimeUs kNow{1'700'000'000'000'000};

base::TimeUs time_of(int i) { return {kNow.us + i}; }

void print_row(const Effort &effort, std::string_view policy, std::uint32_t member_count)
{
    const Placement placement(policy, member_count);
    const auto cookie =
        "theme=dark; session=0123456789abcdef; ROUTEID=.member" + std::to_string(member_count / 2);
    const auto key_of = [](int i) { return balance::mixed(static_cast<std::uint64_t>(i)); };
    const auto member_of = [&](int i) {
        return static_cast<members::MemberIndex>(key_of(i) % member_count);
    };
    const double with_cookie =
        measure(effort, [&](int i) { placement.pick(cookie, key_of(i), time_of(i)); });
    const double without =
        measure(effort, [&](int i) { placement.pick({}, key_of(i), time_of(i)); });
    const double attempt = measure(effort, [&](int i) {
        placement.begin(member_of(i), time_of(i));
        placement.end(member_of(i), time_of(i));
    });
    std::printf("%-13s %8u %14.1f %14.1f %14.1f", std::string(policy).c_str(), member_count,
                with_cookie, without, attempt);
    if (member_count == 1000)
        std::printf(" %10.2f %10.2f", speed_of_two(effort, placement, Workers::kThreads),
                    speed_of_two(effort, placement, Workers::kProcesses));
    std::printf("\n");
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char **argv)
{
    auto effort = effort_of(argc, argv);
    effort.calls /= 5;  // there are many rows
    const std::string_view last = argc > 1 ? argv[argc - 1] : "";
    std::printf("%-13s %8s %14s %14s %14s %10s %10s   (ns, median of %d)\n", "policy", "members",
                "valid cookie", "no cookie", "begin and end", "threads", "processes",
                effort.rounds);
    for (const auto &entry : balance::policies())
        if (balance::find_policy(last) == nullptr || entry.name == last)
            for (const std::uint32_t member_count : {4U, 100U, 1000U, 10000U})
                print_row(effort, entry.name, member_count);
    return 0;
}
