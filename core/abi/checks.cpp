// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "core/abi/handles.hpp"
#include "core/health/probe_lease.hpp"
#include "core/health/probe_schedule.hpp"
#include "core/health/status_list.hpp"
#include "core/health/verdict.hpp"
#include "core/shm/check_text.hpp"
#include "core/shm/check_word.hpp"

using namespace stickybalancer;
using abi::Reading;

namespace {

const abi::Checks &checks_of(const Reading &current, uint32_t place) noexcept
{
    static constexpr abi::Checks kNone{};
    return current && place < current->checks.size() ? current->checks[place] : kNone;
}

bool claim(const sb_balancer &balancer, const abi::Snapshot &snapshot, uint32_t place,
           base::TimeUs now, sb_due_probe &probe) noexcept
{
    auto &slot = balancer.block.slot(place);
    const auto &checks = snapshot.checks[place];
    const auto &member = snapshot.view.members[snapshot.members[place]];
    const auto interval =
        shm::is_down(slot.check.acquire()) ? checks.down_interval : checks.interval;
    if (!health::claim_probe(slot, member.identity, interval, now))
        return false;
    probe = {place, member.handle};
    return true;
}

uint32_t told(const sb_balancer &balancer, uint32_t place, uint32_t change, sb_time_us now_us)
{
    if (change != health::kNoChange)
        abi::tell_policies(balancer, place, {now_us});
    return change;
}

// What the last look at all members found holds for so long: due times move where intervals do, or clocks.
constexpr int64_t kPlanHolds_us = health::kLease.us / 4;

bool is_nothing_due(const sb_balancer &balancer, sb_time_us now_us, sb_time_us &next_us) noexcept
{
    next_us = balancer.next_probe_us.load();
    return next_us > now_us && next_us - now_us <= kPlanHolds_us;
}

// Beginning behind the one that was looked at last, so that all get their turn where room is short. When to look
// again.
sb_time_us claim_due(sb_balancer &balancer, const abi::Snapshot &snapshot, sb_time_us now_us,
                     sb_due_probe *probes, size_t room, size_t &count) noexcept
{
    const auto &places = snapshot.checked_places;
    const auto begin = balancer.last_probed.load() + 1;
    auto next_us = now_us + kPlanHolds_us;
    for (size_t i = 0; i < places.size(); ++i) {
        if (count == room)
            return now_us;
        const auto turn = (begin + i) % places.size();
        if (claim(balancer, snapshot, places[turn], {now_us}, probes[count])) {
            ++count;
            balancer.last_probed.store(turn);
        }
        next_us = std::min(next_us, balancer.block.slot(places[turn]).probe_due_us.load());
    }
    return next_us;
}

void keep_probe(shm::MemberSlot &slot, sb_probe_result result, int64_t latency_us,
                std::string_view text) noexcept
{
    (result == SB_PROBE_FAILED ? slot.probes_failed : slot.probes_passed).fetch_add(1);
    slot.last_probe.store(static_cast<uint64_t>(std::max<int64_t>(0, latency_us)));
    shm::write_check_text(slot, text);
}

}  // namespace

sb_status sb_balancer_claim_probes(sb_balancer *balancer, sb_time_us now_us, sb_due_probe *probes,
                                   size_t *count, sb_time_us *next_us)
{
    const Reading current(balancer->snapshot);
    if (!current || current->checked_places.empty())
        return SB_NOT_FOUND;
    if (!health::take_lease(balancer->shared, balancer->region, balancer->process, {now_us}))
        return SB_BUSY;
    const auto room = *count;
    *count = 0;
    if (is_nothing_due(*balancer, now_us, *next_us))
        return SB_OK;
    *next_us = claim_due(*balancer, *current, now_us, probes, room, *count);
    balancer->next_probe_us.store(*next_us);
    return SB_OK;
}

void sb_balancer_yield_probes(sb_balancer *balancer)
{
    health::give_lease_up(balancer->shared, balancer->process);
}

uint32_t sb_balancer_note_probe(sb_balancer *balancer, uint32_t place, sb_probe_result result,
                                int64_t latency_us, sb_str text, sb_time_us now_us)
{
    const Reading current(balancer->snapshot);
    const auto &checks = checks_of(current, place);
    if (!checks.are_there() || static_cast<uint32_t>(result) > SB_PROBE_DRAINING ||
        !health::has_lease(balancer->shared, balancer->process, {now_us}))
        return health::kNoChange;
    auto &slot = balancer->block.slot(place);
    keep_probe(slot, result, latency_us, abi::view_of(text));
    return told(
        *balancer, place,
        health::note_probe(slot.check, static_cast<health::ProbeResult>(result), checks.thresholds),
        now_us);
}

uint32_t sb_balancer_note_outcome(sb_balancer *balancer, uint32_t place, sb_outcome outcome,
                                  sb_time_us now_us)
{
    const Reading current(balancer->snapshot);
    const auto &checks = checks_of(current, place);
    if (!checks.are_there() || static_cast<uint32_t>(outcome) > SB_OUTCOME_OUT_OF_USE)
        return health::kNoChange;
    auto &check = balancer->block.slot(place).check;
    return told(*balancer, place,
                outcome == SB_OUTCOME_OUT_OF_USE
                    ? health::note_out_of_use(check)
                    : health::note_request(check, outcome == SB_OUTCOME_FAILED, checks.thresholds),
                now_us);
}

sb_status sb_balancer_member_check(const sb_balancer *balancer, uint32_t place,
                                   sb_member_check *out)
{
    if (out->struct_size != sizeof(sb_member_check))
        return SB_INVALID_ARGUMENT;
    if (place >= balancer->block.capacity())
        return SB_NOT_FOUND;
    const Reading current(balancer->snapshot);
    const auto &slot = balancer->block.slot(place);
    const auto state = shm::check_state_of(slot.check.acquire());
    out->has_checks = checks_of(current, place).are_there();
    out->is_known = state.is_known;
    out->is_down = state.is_down;
    out->is_draining = state.is_draining;
    out->has_failed = state.has_failed;
    out->results = state.results;
    out->passed = slot.probes_passed.load();
    out->failed = slot.probes_failed.load();
    out->latency_us = static_cast<int64_t>(slot.last_probe.load());
    out->due_us = slot.probe_due_us.load();
    shm::read_check_text(slot, out->text);
    return SB_OK;
}

sb_status sb_read_status_list(sb_str text, sb_status_list *out)
{
    health::StatusList list;
    if (!list.read(abi::view_of(text)))
        return SB_INVALID_ARGUMENT;
    static_assert(sizeof(out->words) == sizeof(list.words));
    std::memcpy(out->words, list.words, sizeof(list.words));
    return SB_OK;
}

int sb_lists_status(const sb_status_list *list, uint32_t status)
{
    health::StatusList copy;
    std::memcpy(copy.words, list->words, sizeof(copy.words));
    return copy.has(status);
}
