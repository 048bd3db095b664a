// SPDX-License-Identifier: Apache-2.0
//
// A balancer of the core without its C ABI, in memory that forked processes share: what a policy costs, and
// what it costs two at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/selection/pick.hpp"
#include "test/bench/core_bench.hpp"

namespace stickybalancer::bench {

class Placement {
public:
    // Members of equal weight, with the routes member0, member1 and so on, all of them up.
    Placement(std::string_view policy, std::uint32_t member_count);
    ~Placement();
    Placement(const Placement &) = delete;
    Placement &operator=(const Placement &) = delete;

    // `key`: what hash goes by. Ends the program where nobody is picked.
    members::MemberIndex pick(std::string_view cookie_header, std::uint64_t key,
                              base::TimeUs now) const;
    void begin(members::MemberIndex index, base::TimeUs now) const;
    void end(members::MemberIndex index, base::TimeUs now) const;

private:
    struct Shared;

    Shared *shared_;
    std::unique_ptr<const selection::View> view_;
};

enum class Workers { kThreads, kProcesses };

// How much more two do in the same time than one: 2 where they do not disturb each other. The median of
// the rounds in which nobody else used their processors; 0 where there was none.
double speed_of_two(const Effort &effort, const Placement &placement, Workers workers);

}  // namespace stickybalancer::bench
