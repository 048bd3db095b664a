// SPDX-License-Identifier: Apache-2.0
#include "core/abi/drains.hpp"

#include "core/abi/handles.hpp"

using namespace stickybalancer;
using abi::Reading;

namespace {

base::TimeUs drain_began(const sb_balancer &balancer, std::uint32_t place,
                         base::TimeUs now) noexcept
{
    const shm::RegionLock lock(balancer.region);
    if (!lock.is_held())
        return now;
    const auto record = balancer.region.read_record(lock, balancer.block, place);
    const auto since_us = record.requested_since_us;
    const bool was_asked_for =
        record.use == shm::PlaceUse::kInUse && record.requested == shm::Requested::kDrain;
    return was_asked_for && since_us > 0 && since_us <= now.us ? base::TimeUs{since_us} : now;
}

}  // namespace

void abi::note_drains(const sb_balancer &balancer, const selection::View &view,
                      base::TimeUs now) noexcept
{
    for (const auto &member : view.members.all()) {
        const bool is_draining = member.live.is_draining(view.members.bits());
        if (!member.drain.is_noted(is_draining, now))
            member.drain.note(is_draining ? drain_began(balancer, member.leaf, now)
                                          : base::TimeUs{});
    }
}

sb_status sb_balancer_member_drain(const sb_balancer *balancer, uint32_t place, sb_time_us now_us,
                                   sb_member_drain *out)
{
    if (out->struct_size != sizeof(sb_member_drain))
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    const auto index = current ? current->member_at(place) : members::kNoMember;
    if (index == members::kNoMember)
        return SB_NOT_FOUND;
    const auto &view = current->view;
    const bool is_draining = view.members[index].live.is_draining(view.members.bits());
    const auto &drain = view.members[index].drain;
    out->since_us = is_draining ? drain.since().us : 0;
    out->deadline_us = is_draining ? drain.deadline().us : 0;
    out->is_overdue = view.is_overdue(index, {now_us});
    return SB_OK;
}
