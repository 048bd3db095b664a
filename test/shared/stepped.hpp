// SPDX-License-Identifier: Apache-2.0
//
// A forked process that runs one instruction at a time.
#pragma once

#include <sys/types.h>

#include <functional>

namespace stickybalancer::test {

class Stepped {
public:
    // It is stopped just before the body.
    explicit Stepped(const std::function<void()> &body);
    ~Stepped();
    Stepped(const Stepped &) = delete;
    Stepped &operator=(const Stepped &) = delete;

    pid_t pid() const { return pid_; }
    bool step();  // false: the body has ended
    void run();   // to the end

private:
    bool go(int request);

    pid_t pid_;
    bool has_ended_ = false;
};

}  // namespace stickybalancer::test
