// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include "core/abi/guard.hpp"
#include "core/abi/handles.hpp"
#include "core/base/seeded_digest.hpp"
#include "core/counting/sketch.hpp"
#include "core/counting/totals.hpp"
#include "core/persistence/cookie_value.hpp"
#include "core/persistence/hint.hpp"

using namespace stickybalancer;
using abi::guard;
using abi::Reading;
using abi::view_of;

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

abi::RememberedWalk walk_over(const sb_balancer &balancer, const abi::Snapshot &current,
                              base::TimeUs now)
{
    const auto &members = current.view.members;
    const auto place_of = [&](std::uint64_t identity) {
        const auto index = members.with_identity(identity);
        return index == members::kNoMember ? shm::kNoPlace : members[index].leaf;
    };
    return {counting::TableWalk(balancer.sessions, current.view.session_limits.expire, now,
                                balancer.block.capacity(), place_of),
            current.generation};
}

// One at a time walks for all, and puts what it found in the place of the walk before.
class WalkTurn {
public:
    explicit WalkTurn(const sb_balancer &balancer) noexcept : flag_(balancer.is_walking)
    {
        std::uint32_t nobody = 0;
        is_mine_ = flag_.compare_publish(nobody, 1);
    }
    ~WalkTurn()
    {
        if (is_mine_)
            flag_.publish(0);
    }
    WalkTurn(const WalkTurn &) = delete;
    WalkTurn &operator=(const WalkTurn &) = delete;
    bool is_mine() const noexcept { return is_mine_; }

private:
    base::Published<std::uint32_t>
        &flag_;  // to whoever has the next turn: what this one has replaced
    bool is_mine_ = false;
};

counting::SessionsOfMember sessions_at(const sb_balancer &balancer, const abi::Snapshot &current,
                                       std::uint32_t place, base::TimeUs now)
{
    using Walks = base::SnapshotCell<abi::RememberedWalk>;
    const auto is_of_these_members = [&](const Walks::Reading &last) {
        return last && last->generation == current.generation;
    };
    if (const Walks::Reading last(balancer.walk);
        is_of_these_members(last) && last->walk.is_fresh(now))
        return last->walk.at(place);
    const WalkTurn turn(balancer);
    if (const Walks::Reading last(balancer.walk);
        is_of_these_members(last) &&
        (last->walk.is_fresh(now) || (!turn.is_mine() && last->walk.is_recent(now))))
        return last->walk.at(place);
    auto walked = std::make_unique<const abi::RememberedWalk>(walk_over(balancer, current, now));
    const auto found = walked->walk.at(place);
    if (turn.is_mine())
        balancer.walk.replace_locked(std::move(walked));
    return found;
}

// A time may be damaged.
sb_time_us end_of(sb_time_us last_us, std::int64_t lifetime_us) noexcept
{
    sb_time_us end_us = last_us;
    return __builtin_add_overflow(last_us, lifetime_us, &end_us) ? last_us : end_us;
}

void count_exactly(const sb_balancer &balancer, const abi::Snapshot &current, std::uint32_t place,
                   base::TimeUs now, sb_member_sessions &out)
{
    const auto found = sessions_at(balancer, current, place, now);
    const auto expire_us = current.view.session_limits.expire.us;
    out.kind = SB_COUNT_EXACT;
    out.sessions = found.count;
    out.lifetime_us = expire_us;
    // The sketch's as well: the table may be new, or the region of a version that knows but that.
    const auto &head = balancer.block.sketch(place);
    out.last_seen_us =
        std::max({found.last_used_us, head.last_of_table_us.load(), head.last_seen_us.load()});
    if (found.count != 0)
        out.end_us = end_of(found.last_used_us, expire_us);
}

// Clients whom the table counts are in no sketch. Their sessions may be gone from it before their cookies are, so while
// one of these may come back there is somebody, and it is not known how many.
void add_whom_the_table_has_lost(const shm::SketchHead &head, std::int64_t lifetime_us,
                                 base::TimeUs now, sb_member_sessions &out)
{
    const auto last_us = head.last_of_both_us.load();
    if (last_us <= 0 || std::abs(now.us - last_us) >= lifetime_us)
        return;
    out.end_us = std::max(out.end_us, end_of(last_us, lifetime_us));
    if (out.sessions != 0)
        return;
    out.sessions = 1;
    out.kind = SB_COUNT_ESTIMATE;
}

// Beside those that the table has counted. The lifetime is one of the configuration, whoever is there just now.
void add_estimate(const sb_balancer &balancer, const abi::Snapshot &current, std::uint32_t place,
                  base::TimeUs now, sb_member_sessions &out)
{
    const auto seen = counting::Sketch(balancer.block, place).seen(now);
    if (out.kind == SB_COUNT_NONE || seen.sessions != 0)
        out.kind = SB_COUNT_ESTIMATE;
    out.sessions += seen.sessions;
    out.lifetime_us = std::max(out.lifetime_us, current.client_lifetime.us);
    out.last_seen_us = std::max(out.last_seen_us, seen.last_seen.us);
    out.end_us = std::max(out.end_us, seen.end.us);
    add_whom_the_table_has_lost(balancer.block.sketch(place), current.client_lifetime.us, now, out);
}

}  // namespace

const char *sb_failure_name(uint32_t failure)
{
    static constexpr std::array kNames{"connect", "reset", "timeout", "status"};
    static_assert(kNames.size() == SB_FAILURE_COUNT);
    return failure < kNames.size() ? kNames[failure] : nullptr;
}

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

uint64_t sb_balancer_client(const sb_balancer *balancer, sb_str one, sb_str other)
{
    const auto &seeds = balancer->region.header().hash_key;
    const auto first = base::seeded_digest(seeds[0], view_of(one));
    return base::seeded_digest(seeds[1] ^ first, view_of(other));
}

void sb_balancer_note_client(sb_balancer *balancer, uint32_t place, uint64_t client,
                             sb_time_us now_us)
{
    if (place < balancer->block.capacity())
        counting::Sketch(balancer->block, place).note(client, {now_us});
}

void sb_balancer_note_client_of_table(sb_balancer *balancer, uint32_t place, sb_time_us now_us)
{
    if (place < balancer->block.capacity())
        counting::note_seen(balancer->block.sketch(place).last_of_both_us, {1'000'000}, {now_us});
}

sb_status sb_balancer_member_sessions(const sb_balancer *balancer, uint32_t place,
                                      sb_time_us now_us, sb_member_sessions *out)
{
    return guard([&] {
        const Reading current(balancer->snapshot);
        if (out->struct_size != sizeof(sb_member_sessions))
            return SB_INVALID_ARGUMENT;
        if (!current || place >= balancer->block.capacity())
            return SB_NOT_FOUND;
        sb_member_sessions counted{sizeof(counted), SB_COUNT_NONE, 0, 0, 0, 0};
        if (balancer->sessions.is_there())
            count_exactly(*balancer, *current, place, {now_us}, counted);
        if (current->client_lifetime.us != 0)
            add_estimate(*balancer, *current, place, {now_us}, counted);
        *out = counted;
        return SB_OK;
    });
}
