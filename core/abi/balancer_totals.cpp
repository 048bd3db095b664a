// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "core/abi/handles.hpp"
#include "core/shm/member_counts.hpp"

using namespace stickybalancer;

namespace {

template <typename Numbers, std::size_t kCount>
void add(const Numbers &numbers, uint64_t (&sums)[kCount]) noexcept
{
    static_assert(std::size(Numbers{}) == kCount);
    for (std::size_t i = 0; i < kCount; ++i)
        sums[i] += numbers[i].load();
}

void add(const shm::MemberTotals &totals, sb_member_totals &sums) noexcept
{
    add(totals.causes, sums.by_cause);
    add(totals.cookies, sums.by_cookie);
    add(totals.failures, sums.failures);
    sums.retried += totals.retried.load();
    sums.queue_waits += totals.queue_waits.load();
    sums.queue_us += totals.queue_us.load();
    sums.queue_lost += totals.queue_lost.load();
}

}  // namespace

sb_status sb_balancer_totals(const sb_balancer *balancer, sb_totals *out)
{
    if (out->struct_size != sizeof(sb_totals))
        return SB_INVALID_ARGUMENT;
    const auto &block = balancer->block;
    *out = {};
    out->struct_size = sizeof(sb_totals);
    out->requests.struct_size = sizeof(sb_member_totals);
    // Nobody's numbers go from a place to the others meanwhile. Places that are nobody's have none.
    const shm::RegionLock lock(balancer->region);
    if (!lock.is_held())
        return SB_INTERNAL;
    add(block.removed_totals(), out->requests);
    out->checks_passed = block.state().removed_checks_passed.load();
    out->checks_failed = block.state().removed_checks_failed.load();
    for (std::uint32_t place = 0; place < block.capacity(); ++place) {
        add(block.totals(place), out->requests);
        out->checks_passed += block.slot(place).probes_passed.load();
        out->checks_failed += block.slot(place).probes_failed.load();
    }
    return SB_OK;
}
