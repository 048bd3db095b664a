// SPDX-License-Identifier: Apache-2.0
#include "core/members/member_state.hpp"

#include "core/shm/actual_state.hpp"

namespace stickybalancer::members {

Readiness LiveState::readiness(const StateBits &bits, base::TimeUs now) const noexcept
{
    const std::uint32_t status = this->status();
    if ((status & bits.required) != bits.required || (status & bits.stopped) != 0)
        return Readiness::kStopped;
    if ((status & bits.check_failed) != 0 || (check_ != nullptr && shm::is_down(check_->acquire())))
        return Readiness::kCheckFailed;
    if ((status & bits.error) == 0)
        return Readiness::kUsable;
    if ((status & bits.ignore_errors) != 0)
        return Readiness::kRetryDue;
    if (check_ != nullptr)
        return Readiness::kCheckFailed;
    const base::TimeUs failed_at{__atomic_load_n(failed_at_us_, __ATOMIC_RELAXED)};
    const auto retry = this->retry();
    const auto waited = now - failed_at;
    // A failure that is to happen only after a whole interval: the clock was stepped back, and must
    // not keep the member out for as long as the step was.
    const bool is_from_the_future = waited.us < -retry.us;
    return waited > retry || is_from_the_future ? Readiness::kRetryDue : Readiness::kFailed;
}

bool LiveState::has_just_failed(const StateBits &bits, base::TimeUs now) const noexcept
{
    const bool counts = (status() & (bits.error | bits.ignore_errors)) == bits.error;
    return counts && actual_ != nullptr &&
           shm::has_just_failed(shm::state_of(actual_->acquire()), retry(), now);
}

}  // namespace stickybalancer::members
