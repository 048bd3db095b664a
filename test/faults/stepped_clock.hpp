// SPDX-License-Identifier: Apache-2.0
//
// The clock of every httpd that is started while this lives can be stepped; the machine's goes on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "test/support/temporary_directory.hpp"

namespace stickybalancer::test {

class SteppedClock {
public:
    SteppedClock();
    ~SteppedClock();
    SteppedClock(const SteppedClock &) = delete;
    SteppedClock &operator=(const SteppedClock &) = delete;

    void step(std::chrono::microseconds by) { *step_us_ += by.count(); }

private:
    TemporaryDirectory directory_;
    std::atomic<std::int64_t> *step_us_ = nullptr;
    std::string preload_;  // as it was
};

}  // namespace stickybalancer::test
