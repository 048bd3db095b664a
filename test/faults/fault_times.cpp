// SPDX-License-Identifier: Apache-2.0
#include "test/faults/fault_times.hpp"

namespace stickybalancer::test {

void FaultTimes::begin()
{
    const std::lock_guard lock(mutex_);
    is_under_way_ = true;
}

void FaultTimes::end()
{
    const std::lock_guard lock(mutex_);
    is_under_way_ = false;
    last_end_ = Clock::now();
}

bool FaultTimes::any_since(Clock::time_point then) const
{
    const std::lock_guard lock(mutex_);
    return is_under_way_ || last_end_ >= then;
}

bool Faults::any_at(const std::string &member, Clock::time_point since) const
{
    const auto found = members.find(member);
    return found != members.end() && found->second.any_since(since);
}

}  // namespace stickybalancer::test
