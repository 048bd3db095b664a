// SPDX-License-Identifier: Apache-2.0
#include "core/health/probe_lease.hpp"

namespace stickybalancer::health {
namespace {

constexpr std::int64_t kLongestDelay_us = 5'000'000;
constexpr std::int64_t kRenewBelow_us = kLease.us * 3 / 4;
constexpr int kProcessBits = 20;
static_assert(shm::kMostProcesses < 1U << kProcessBits);
constexpr std::uint64_t kProcessMask = (std::uint64_t{1} << kProcessBits) - 1;

struct Lease {
    std::uint32_t holder = 0;  // slot and one; 0: nobody
    std::int64_t until_ms = 0;
};

constexpr Lease lease_of(std::uint64_t word) noexcept
{
    return {static_cast<std::uint32_t>(word & kProcessMask),
            static_cast<std::int64_t>(word >> kProcessBits)};
}
constexpr std::uint64_t word_of(const Lease &lease) noexcept
{
    return lease.holder | static_cast<std::uint64_t>(lease.until_ms) << kProcessBits;
}

constexpr std::int64_t left_us(const Lease &lease, base::TimeUs now) noexcept
{
    return lease.until_ms * 1000 - now.us;
}

// One that is good for much longer than a lease lasts is another clock's; for a little longer, it is this process
// that was kept waiting since it read the clock.
bool is_running(const Lease &lease, base::TimeUs now) noexcept
{
    return left_us(lease, now) > 0 && left_us(lease, now) <= kLease.us + kLongestDelay_us;
}

bool is_anothers(const Lease &lease, const shm::Region &region, std::uint32_t process,
                 base::TimeUs now) noexcept
{
    return lease.holder != 0 && lease.holder != process + 1 && is_running(lease, now) &&
           lease.holder <= region.processes_used() && region.is_claimed(lease.holder - 1);
}

}  // namespace

bool take_lease(shm::BalancerState &state, const shm::Region &region, std::uint32_t process,
                base::TimeUs now) noexcept
{
    auto word = state.prober.acquire();
    const auto lease = lease_of(word);
    if (is_anothers(lease, region, process, now))
        return false;
    if (lease.holder == process + 1 && is_running(lease, now) &&
        left_us(lease, now) > kRenewBelow_us)
        return true;
    return state.prober.compare_publish(word, word_of({process + 1, (now.us + kLease.us) / 1000}));
}

bool has_lease(const shm::BalancerState &state, std::uint32_t process, base::TimeUs now) noexcept
{
    const auto lease = lease_of(state.prober.acquire());
    return lease.holder == process + 1 && is_running(lease, now);
}

void give_lease_up(shm::BalancerState &state, std::uint32_t process) noexcept
{
    auto word = state.prober.acquire();
    if (lease_of(word).holder == process + 1)
        state.prober.compare_publish(word, 0);
}

}  // namespace stickybalancer::health
