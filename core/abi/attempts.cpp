// SPDX-License-Identifier: Apache-2.0
#include "core/abi/drains.hpp"
#include "core/abi/handles.hpp"
#include "core/capacity/admission.hpp"
#include "core/counting/sketch.hpp"
#include "core/counting/totals.hpp"
#include "core/shm/actual_state.hpp"

using namespace stickybalancer;
using abi::Reading;

namespace {

constexpr const char *kUnknown = "unknown";
constexpr sb_time_us kRefreshEvery_us = 1'000'000;

// A caller in C may hand over any number; the core's enumerators have eight bits.
constexpr bool is_one_of(uint32_t number, uint32_t last) noexcept { return number <= last; }

sb_attempt attempt_of(const capacity::Attempt &attempt) noexcept
{
    return {attempt.place, attempt.is_in_total, 0, 0, 0};
}
capacity::Attempt attempt_of(const sb_attempt &attempt) noexcept
{
    return {attempt.place, attempt.is_counted_whole != 0};
}

uint32_t *word_of(capacity::FutexWord *word) noexcept { return reinterpret_cast<uint32_t *>(word); }

capacity::Waiting waiting_of(const sb_waiting &waiting) noexcept
{
    return {static_cast<shm::WaiterSlot *>(waiting.record),
            waiting.ticket,
            attempt_of(waiting.attempt),
            {waiting.deadline_us}};
}
sb_waiting waiting_of(const capacity::Waiting &waiting) noexcept
{
    return {waiting.record, waiting.ticket, attempt_of(waiting.attempt), waiting.deadline.us};
}

sb_entry entry_of(const capacity::Admission &admission) noexcept
{
    return {static_cast<uint32_t>(admission.verdict),
            attempt_of(admission.attempt),
            word_of(admission.wait.word),
            admission.wait.value,
            admission.wait.until.us,
            word_of(admission.wake)};
}

const capacity::Limits &limits_of(const Reading &current, uint32_t place) noexcept
{
    static constexpr capacity::Limits kNone{};
    return current && place < current->limits.size() ? current->limits[place] : kNone;
}

// The member that a client would be new to has as many sessions as it may.
bool has_no_room(const Reading &current, uint32_t place, int places_client) noexcept
{
    const auto member =
        places_client != 0 && current ? current->member_at(place) : members::kNoMember;
    return member != members::kNoMember && current->view.is_full(member);
}

sb_entry no_room(capacity::FutexWord *wake) noexcept
{
    return {SB_MEMBER_FULL, attempt_of(capacity::Attempt{}), nullptr, 0, 0, word_of(wake)};
}

// What is told of a verdict: an attempt that begins, to the policy. One whose session has no room, as
// others were faster, ends at once; the word of end() is that of the oldest who is left.
sb_entry tell_entry(const Reading &current, const capacity::Entrance &entrance,
                    const capacity::Admission &admission, bool places_client,
                    base::TimeUs now) noexcept
{
    const auto place = admission.attempt.place;
    if (admission.verdict != capacity::Verdict::kAdmitted)
        return entry_of(admission);
    const auto member = current ? current->member_at(place) : members::kNoMember;
    const auto session = member != members::kNoMember
                             ? current->view.begun(member, places_client, now)
                             : selection::SessionCount::kNone;
    if (session == selection::SessionCount::kNoRoom) {
        auto *next = entrance.end(admission.attempt);
        return no_room(next != nullptr ? next : admission.wake);
    }
    auto entry = entry_of(admission);
    entry.attempt.placed_session = session == selection::SessionCount::kCounted;
    return entry;
}

// An attempt that was never let in, or that has ended, is at no place.
bool is_under_way(const sb_balancer &balancer, const sb_attempt &attempt) noexcept
{
    return attempt.place < balancer.block.capacity();
}

}  // namespace

sb_entry sb_balancer_enter(sb_balancer *balancer, uint32_t place, int places_client,
                           sb_time_us now_us, sb_waiting *waiting)
{
    capacity::Waiting queued;
    *waiting = waiting_of(queued);
    if (place >= balancer->block.capacity())
        return entry_of({});
    const Reading current(balancer->snapshot);
    if (has_no_room(current, place, places_client))
        return no_room(nullptr);
    const capacity::Entrance entrance(balancer->gauges(current && current->counts_whole));
    const auto admission = entrance.enter(place, limits_of(current, place), {now_us}, queued);
    *waiting = waiting_of(queued);
    return tell_entry(current, entrance, admission, places_client != 0, {now_us});
}

sb_entry sb_balancer_enter_at_once(sb_balancer *balancer, uint32_t place, int places_client,
                                   sb_time_us now_us)
{
    if (place >= balancer->block.capacity())
        return entry_of({});
    const Reading current(balancer->snapshot);
    const capacity::Entrance entrance(balancer->gauges(current && current->counts_whole));
    const auto admission = entrance.enter_at_once(place, limits_of(current, place), {now_us});
    return tell_entry(current, entrance, admission, places_client != 0, {now_us});
}

sb_entry sb_balancer_look(sb_balancer *balancer, int places_client, sb_time_us now_us,
                          sb_waiting *waiting)
{
    if (waiting->record == nullptr)
        return entry_of({});
    const Reading current(balancer->snapshot);
    const capacity::Entrance entrance(balancer->gauges(current && current->counts_whole));
    auto queued = waiting_of(*waiting);
    const auto &limits = limits_of(current, queued.attempt.place);
    if (has_no_room(current, queued.attempt.place, places_client)) {
        auto *next = entrance.leave(limits, queued);
        *waiting = waiting_of(queued);
        return no_room(next);
    }
    const auto admission = entrance.look(limits, {now_us}, queued);
    *waiting = waiting_of(queued);
    return tell_entry(current, entrance, admission, places_client != 0, {now_us});
}

uint32_t *sb_balancer_leave(sb_balancer *balancer, sb_waiting *waiting)
{
    if (waiting->record == nullptr)
        return nullptr;
    const Reading current(balancer->snapshot);
    const capacity::Entrance entrance(balancer->gauges(current && current->counts_whole));
    auto queued = waiting_of(*waiting);
    auto *word = entrance.leave(limits_of(current, queued.attempt.place), queued);
    *waiting = waiting_of(queued);
    return word_of(word);
}

void sb_balancer_connecting(sb_balancer *balancer, sb_attempt *attempt, int is_connecting)
{
    if (!is_under_way(*balancer, *attempt) || (attempt->is_connecting != 0) == (is_connecting != 0))
        return;
    const auto gauges = balancer->gauges(false);
    if (is_connecting != 0)
        gauges.begin_connecting(attempt->place);
    else
        gauges.end_connecting(attempt->place);
    attempt->is_connecting = is_connecting != 0;
}

uint32_t *sb_balancer_end(sb_balancer *balancer, sb_attempt *attempt, int64_t response_time_us,
                          int is_answered, sb_time_us now_us)
{
    if (!is_under_way(*balancer, *attempt))
        return nullptr;
    sb_balancer_connecting(balancer, attempt, 0);
    const Reading current(balancer->snapshot);
    const capacity::Entrance entrance(balancer->gauges(current && current->counts_whole));
    auto *word = entrance.end(attempt_of(*attempt));
    const auto member = current ? current->member_at(attempt->place) : members::kNoMember;
    const balance::Outcome outcome{{response_time_us},
                                   is_answered != 0,
                                   attempt->placed_session != 0,
                                   attempt->binds_nobody != 0};
    *attempt = attempt_of(capacity::Attempt{});
    if (member != members::kNoMember)
        current->view.ended(member, outcome, {now_us});
    return word_of(word);
}

int sb_balancer_refresh(sb_balancer *balancer, sb_time_us now_us)
{
    auto last = balancer->shared.refreshed_us.load();  // a damaged file may say anything
    if (last <= now_us && last > now_us - kRefreshEvery_us)
        return 0;
    if (!balancer->shared.refreshed_us.compare_exchange(last, now_us))
        return 0;
    const Reading current(balancer->snapshot);
    if (current) {
        abi::note_drains(*balancer, current->view, {now_us});
        current->view.refresh({now_us});
        counting::sweep_some(balancer->block, {now_us});
    }
    const shm::RegionLock lock(balancer->region);
    if (lock.is_held())
        capacity::reconcile(lock, balancer->block, 0, balancer->block.capacity() + 1);
    return 1;
}

int sb_balancer_is_member_full(const sb_balancer *balancer, uint32_t place)
{
    const Reading current(balancer->snapshot);
    return has_no_room(current, place, 1);
}

sb_status sb_balancer_member_state(const sb_balancer *balancer, uint32_t place,
                                   sb_member_state *out)
{
    if (out->struct_size != sizeof(sb_member_state))
        return SB_INVALID_ARGUMENT;
    if (place >= balancer->block.capacity())
        return SB_NOT_FOUND;
    const auto state = shm::actual_state(balancer->block.slot(place));
    out->actual = static_cast<uint32_t>(state.actual);
    out->reason = static_cast<uint32_t>(state.reason);
    out->since_us = state.since_ms * 1000;
    return SB_OK;
}

sb_status sb_balancer_member_request(const sb_balancer *balancer, uint32_t place,
                                     sb_member_request *out)
{
    if (out->struct_size != sizeof(sb_member_request))
        return SB_INVALID_ARGUMENT;
    if (place >= balancer->block.capacity())
        return SB_NOT_FOUND;
    const shm::RegionLock lock(balancer->region);
    if (!lock.is_held())
        return SB_INTERNAL;
    const auto record = balancer->region.read_record(lock, balancer->block, place);
    if (record.use != shm::PlaceUse::kInUse)
        return SB_NOT_FOUND;
    out->requested = static_cast<uint32_t>(record.requested);
    out->since_us = record.requested_since_us;
    out->deadline_us = record.drain_deadline_us;
    return SB_OK;
}

sb_status sb_balancer_member_load(const sb_balancer *balancer, uint32_t place, sb_member_load *out)
{
    const auto &block = balancer->block;
    if (out->struct_size != sizeof(sb_member_load))
        return SB_INVALID_ARGUMENT;
    if (place >= block.capacity())
        return SB_NOT_FOUND;
    const auto sum = capacity::sum_of(balancer->region, block, place);
    const auto whole = capacity::sum_of(balancer->region, block, block.whole());
    const Reading current(balancer->snapshot);
    out->active = sum.active;
    out->connecting = sum.connecting;
    out->queued = sum.queued;
    out->limit = capacity::effective_limit(limits_of(current, place),
                                           std::uint64_t{whole.active} + whole.queued);
    out->placed = counting::attempts_at(block.totals(place));
    return SB_OK;
}

int sb_balancer_note_state(sb_balancer *balancer, uint32_t place, sb_actual actual,
                           sb_reason reason, sb_time_us now_us)
{
    if (place >= balancer->block.capacity() || !is_one_of(actual, SB_STARTING) ||
        !is_one_of(reason, SB_REASON_CONFIGURED))
        return 0;
    auto &slot = balancer->block.slot(place);
    const auto before = shm::actual_state(slot).actual;
    const bool comes_back = (before == shm::Actual::kDown || before == shm::Actual::kChecking) &&
                            (actual == SB_UP || actual == SB_STARTING);
    if (!shm::change_actual(slot, static_cast<shm::Actual>(actual),
                            static_cast<shm::Reason>(reason), {now_us}))
        return 0;
    if (comes_back)
        slot.started_us.store(now_us);
    abi::tell_policies(*balancer, place, {now_us});
    return 1;
}

const char *sb_actual_name(uint32_t actual)
{
    return is_one_of(actual, SB_STARTING) ? shm::name_of(static_cast<shm::Actual>(actual))
                                          : kUnknown;
}

const char *sb_reason_name(uint32_t reason)
{
    return is_one_of(reason, SB_REASON_CONFIGURED) ? shm::name_of(static_cast<shm::Reason>(reason))
                                                   : kUnknown;
}

const char *sb_requested_name(uint32_t requested)
{
    return shm::name_of(static_cast<shm::Requested>(requested));
}
