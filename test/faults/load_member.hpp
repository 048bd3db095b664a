// SPDX-License-Identifier: Apache-2.0
//
// A member for load: it answers every request with its name in X-Member and keeps nothing of it.
// What FakeMember records of each request would fill the memory at some hundred thousand of them.
//
// Thread safety: every call may come from any thread, but stop and start belong to one.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "test/support/listener.hpp"

namespace stickybalancer::test {

class LoadMember {
public:
    explicit LoadMember(std::string name);
    ~LoadMember();

    const std::string &name() const { return name_; }
    std::string url() const;  // for BalancerMember

    // How long the work for an answer takes; nothing at first.
    void set_work(std::chrono::microseconds work) { work_ = work; }

    // Requests stay unanswered until released.
    void hold();
    void release();

    int active() const { return active_; }  // requests now, those that are held included
    int most_at_once() const { return most_at_once_; }  // since hold()

private:
    void serve(int fd);
    void work();
    void note_begin();

    std::string name_, answer_;
    std::atomic<std::chrono::microseconds> work_{};
    std::atomic<int> active_ = 0, most_at_once_ = 0;
    std::mutex mutex_;
    std::condition_variable released_;
    bool holds_ = false;
    Listener listener_;
};

}  // namespace stickybalancer::test
