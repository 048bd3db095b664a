// SPDX-License-Identifier: Apache-2.0
//
// When a fault was: of children of httpd that are killed, and of each member. What a client saw is
// judged by what was wrong while it waited for it.
//
// Thread safety: any thread; the members are those given at first.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "test/support/wait.hpp"

namespace stickybalancer::test {

class FaultTimes {
public:
    void begin();  // it is about to happen
    void end();    // it is over, with all that comes of it
    // Whether it was under way at some instant from then on until now.
    bool any_since(Clock::time_point then) const;

private:
    mutable std::mutex mutex_;
    bool is_under_way_ = false;
    Clock::time_point last_end_{};
};

struct Faults {
    FaultTimes kills;  // of children of httpd
    std::map<std::string, FaultTimes> members;

    bool any_at(const std::string &member, Clock::time_point since) const;
};

}  // namespace stickybalancer::test
