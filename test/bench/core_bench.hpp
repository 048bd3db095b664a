// SPDX-License-Identifier: Apache-2.0
//
// What the benchmarks of the core share: a balancer behind the C ABI, as the module has it, and a stop
// watch that fails where the measured calls allocate memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/include/stickybalancer/stickybalancer.h"

namespace stickybalancer::bench {

inline sb_str str_of(const std::string &text) { return {text.data(), text.size()}; }

// As `StickyCookie insert` makes it; a benchmark changes what it is about.
sb_settings insert_settings();

// Members 1 to n, with the routes member0, member1 and so on, all of them up.
class BenchBalancer {
public:
    // With a table of sessions, where there is one; it outlives the balancer.
    explicit BenchBalancer(std::uint32_t member_count,
                           const sb_settings &settings = insert_settings(),
                           sb_table *table = nullptr);
    ~BenchBalancer();
    BenchBalancer(const BenchBalancer &) = delete;
    BenchBalancer &operator=(const BenchBalancer &) = delete;

    sb_balancer *core() const { return core_; }
    const std::string &route(std::size_t index) const { return routes_[index]; }

    // A Cookie header's answer; ends the program where there is none.
    sb_pick pick(sb_str cookie_header, sb_time_us now_us) const;
    // The value that the client of member `index` gets, "NAME=VALUE".
    std::string cookie_of(std::size_t index, sb_time_us now_us) const;

private:
    struct alignas(64) Line {
        char bytes[64];
    };
    std::uint64_t make_block(std::uint32_t member_count);

    std::vector<Line> memory_;
    std::vector<std::string> routes_;
    sb_region *region_ = nullptr;
    sb_balancer *core_ = nullptr;
};

struct Effort {
    int rounds;
    int calls;
};
Effort effort_of(int argc, char **argv);  // --quick: just enough to see that it runs

std::size_t allocation_count();  // so far, OpenSSL's too
double median_of(std::vector<double> times);
[[noreturn]] void fail(const char *why);
double now_ns();

// Nanoseconds of call(i), the median of the rounds.
template <typename Call>
double measure(const Effort &effort, const Call &call)
{
    std::vector<double> times;
    for (int round = 0; round < effort.rounds; ++round) {
        const auto before = allocation_count();
        const auto start = now_ns();
        for (int i = 0; i < effort.calls; ++i)
            call(i);
        const auto spent = now_ns() - start;
        if (allocation_count() != before)
            fail("what is measured allocated memory");
        times.push_back(spent / effort.calls);
    }
    return median_of(times);
}

}  // namespace stickybalancer::bench
