// SPDX-License-Identifier: Apache-2.0
//
// Accepts connections for a member, each served by a thread of its own with blocking calls. What a
// member speaks is the function it is given.
//
// Thread safety: start and stop belong to the test's thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "test/support/socket.hpp"

namespace stickybalancer::test {

class Listener {
public:
    // Serves one connection until it is over. The descriptor stays the listener's, which may shut
    // it down at any time.
    using Serve = std::function<void(int fd)>;

    explicit Listener(Serve serve);                       // a port of 127.0.0.1
    Listener(Serve serve, const std::string &unix_path);  // a socket in the file system
    ~Listener();
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

    std::uint16_t port() const { return port_ ? port_->number() : std::uint16_t{0}; }

    void start();
    // Connections are refused from now on, and those that exist are closed. `serve` must return
    // when its descriptor is shut down and, where it waits for something else, `unblock` was
    // called.
    void stop(const std::function<void()> &unblock = [] {});

    int accepted_count() const { return accepted_count_; }
    int open_count() const;

private:
    void accept_connections();
    void serve_connection(int fd);

    Serve serve_;
    std::string unix_path_;
    std::optional<ReservedPort> port_;
    Fd listening_;
    Fd stop_signal_;
    std::thread acceptor_;
    std::atomic<int> accepted_count_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable connection_closed_;
    std::set<int> open_;  // guarded by mutex_
};

}  // namespace stickybalancer::test
