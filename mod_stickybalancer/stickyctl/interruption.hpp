// SPDX-License-Identifier: Apache-2.0
//
// SIGINT, SIGTERM and SIGHUP as something to ask for, while one of these exists. One at a time.
#pragma once

#include <signal.h>

#include <chrono>

namespace stickybalancer::stickyctl {

class Interruption {
public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption &) = delete;
    Interruption &operator=(const Interruption &) = delete;

    bool has_come() const;
    // Waits so long at most; says whether it came. None is missed between a look and the waiting.
    bool comes_within(std::chrono::milliseconds span) const;
    // Waits until there is something to read there; false where it came first.
    bool lets_read(int descriptor) const;

private:
    struct sigaction before_[3];
};

}  // namespace stickybalancer::stickyctl
