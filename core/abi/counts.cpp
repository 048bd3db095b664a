// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <iterator>

#include "core/abi/handles.hpp"
#include "core/counting/totals.hpp"
#include "core/persistence/cookie_value.hpp"
#include "core/persistence/hint.hpp"

using namespace stickybalancer;
using abi::Reading;

namespace {

static_assert(shm::kCauseCount == SB_CAUSE_COUNT && SB_CAUSE_COUNT == SB_CAUSE_PERSIST + 1 &&
              shm::kCookieOutcomeCount == SB_COOKIE_OUTCOME_COUNT &&
              shm::kFailureCount == SB_FAILURE_COUNT);

sb_cookie_outcome outcome_of(const sb_pick &pick) noexcept
{
    using persistence::CookieFault;
    switch (static_cast<persistence::CookieState>(pick.cookie_state)) {
    case persistence::CookieState::kValid:
    case persistence::CookieState::kDown: return SB_COOKIE_VALID;
    case persistence::CookieState::kExpired: return SB_COOKIE_EXPIRED;
    case persistence::CookieState::kOld: return SB_COOKIE_OLD;
    case persistence::CookieState::kInvalid:
        return pick.cookie_fault == static_cast<uint32_t>(CookieFault::kForged) ? SB_COOKIE_FORGED
                                                                               : SB_COOKIE_INVALID;
    case persistence::CookieState::kNone:
    case persistence::CookieState::kUnused: break;
    }
    return SB_COOKIE_NONE;
}

template <typename Numbers, std::size_t kCount>
void read_numbers(const Numbers &from, uint64_t (&to)[kCount]) noexcept
{
    static_assert(std::size(Numbers{}) == kCount);
    for (std::size_t i = 0; i < kCount; ++i)
        to[i] = from[i].load();
}

}  // namespace

const char *sb_cookie_outcome_name(uint32_t outcome)
{
    static constexpr std::array kNames{"none", "valid", "invalid", "expired", "old", "forged"};
    static_assert(kNames.size() == SB_COOKIE_OUTCOME_COUNT);
    return outcome < kNames.size() ? kNames[outcome] : nullptr;
}

sb_status sb_balancer_member_totals(const sb_balancer *balancer, uint32_t place,
                                    sb_member_totals *out)
{
    if (out->struct_size != sizeof(sb_member_totals))
        return SB_INVALID_ARGUMENT;
    if (place >= balancer->block.capacity())
        return SB_NOT_FOUND;
    const auto &totals = balancer->block.totals(place);
    read_numbers(totals.causes, out->by_cause);
    read_numbers(totals.cookies, out->by_cookie);
    read_numbers(totals.failures, out->failures);
    out->retried = totals.retried.load();
    out->queue_waits = totals.queue_waits.load();
    out->queue_us = totals.queue_us.load();
    out->queue_lost = totals.queue_lost.load();
    return SB_OK;
}

void sb_balancer_count_attempt(sb_balancer *balancer, uint32_t place, const sb_pick *pick,
                               uint32_t number)
{
    if (place < balancer->block.capacity() && pick->cause < SB_CAUSE_COUNT)
        counting::count_attempt(balancer->block.totals(place), pick->cause, outcome_of(*pick),
                                number <= 1);
}

void sb_balancer_count_failure(sb_balancer *balancer, uint32_t place, sb_failure failure)
{
    if (place < balancer->block.capacity() && static_cast<uint32_t>(failure) < SB_FAILURE_COUNT)
        balancer->block.totals(place).failures[failure].fetch_add(1);
}

void sb_balancer_count_wait(sb_balancer *balancer, uint32_t place, int64_t waited_us, int is_lost)
{
    if (place < balancer->block.capacity())
        counting::count_wait(balancer->block.totals(place), waited_us, is_lost != 0);
}

uint64_t sb_balancer_client(const sb_balancer *, sb_str, sb_str) { return 0; }

void sb_balancer_note_client(sb_balancer *, uint32_t, uint64_t, sb_time_us) {}

sb_status sb_balancer_member_sessions(const sb_balancer *balancer, uint32_t place, sb_time_us,
                                      sb_member_sessions *out)
{
    if (out->struct_size != sizeof(sb_member_sessions))
        return SB_INVALID_ARGUMENT;
    if (place >= balancer->block.capacity())
        return SB_NOT_FOUND;
    *out = {sizeof(sb_member_sessions), SB_COUNT_NONE, 0, 0, 0, 0};
    return SB_OK;
}
