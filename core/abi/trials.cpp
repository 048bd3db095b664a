// SPDX-License-Identifier: Apache-2.0
#include "core/abi/handles.hpp"
#include "core/members/member_state.hpp"
#include "core/shm/actual_state.hpp"

using namespace stickybalancer;
using abi::Reading;
using members::Readiness;

namespace {

bool is_to_be_tried(const abi::Snapshot &snapshot, members::MemberIndex member, bool is_last_resort,
                    base::TimeUs now) noexcept
{
    const auto &members = snapshot.view.members;
    const auto readiness = members[member].live.readiness(members.bits(), now);
    return readiness == Readiness::kRetryDue || (is_last_resort && readiness == Readiness::kFailed);
}

}  // namespace

int sb_balancer_begin_trial(sb_balancer *balancer, uint32_t place, int is_last_resort,
                            sb_time_us now_us)
{
    const Reading current(balancer->snapshot);
    const auto member = current ? current->member_at(place) : members::kNoMember;
    if (member == members::kNoMember)
        return 0;
    const base::TimeUs now{now_us};
    auto &slot = balancer->block.slot(place);
    const auto longest = current->view.members[member].live.retry();
    shm::ActualState before;
    if (!is_to_be_tried(*current, member, is_last_resort != 0, now) ||
        !shm::begin_trial(slot, longest, now, before))
        return 0;
    // Another trial may have come to its end since the first look. Its end is in the member's words before it is
    // in the slot's.
    if (is_to_be_tried(*current, member, is_last_resort != 0, now))
        return 1;
    shm::cancel_trial(slot, before, now);
    return 0;
}

int sb_balancer_is_tried(const sb_balancer *balancer, uint32_t place, sb_time_us now_us)
{
    const Reading current(balancer->snapshot);
    const auto member = current ? current->member_at(place) : members::kNoMember;
    return member != members::kNoMember &&
           shm::is_tried(shm::actual_state(balancer->block.slot(place)),
                         current->view.members[member].live.retry(), {now_us});
}
