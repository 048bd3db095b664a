// SPDX-License-Identifier: Apache-2.0
//
// Children of httpd that are killed, and when it was. A child takes its
// connections with it, and a request that it had cannot be answered by anybody: a connection that
// broke while its child may have been dying is no fault of the balancer.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "test/faults/fault_times.hpp"

namespace stickybalancer::test {

// Returns when they are gone, and their connections with them.
void kill_children(const std::vector<pid_t> &children, FaultTimes &times);

struct KillPlan {
    std::uint64_t seed = 1;
    int at_once = 1;  // processes; where each serves one connection, one is not much
    std::chrono::milliseconds least_pause{100}, longest_pause{1500};
};

// At random instants, from construction to stop(), or the end of its life.
class ChildKiller {
public:
    ChildKiller(pid_t parent, const KillPlan &plan, FaultTimes &times);
    ~ChildKiller();

    int stop();  // how many were killed

private:
    void run();
    bool pause();  // false: it is over
    void kill_some();

    pid_t parent_;
    KillPlan plan_;
    FaultTimes &times_;
    std::mt19937_64 random_;
    int count_ = 0;
    bool is_over_ = false;
    std::mutex mutex_;
    std::condition_variable over_;
    std::thread thread_;
};

}  // namespace stickybalancer::test
