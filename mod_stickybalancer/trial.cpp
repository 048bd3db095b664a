// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/trial.hpp"

#include <algorithm>

#include "mod_stickybalancer/attempt_failure.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_states.hpp"

namespace stickybalancer {
namespace {

// error_time of a member that failed, and whose interval is over at once; balancer-manager shows no such time.
constexpr apr_time_t kDueAtOnce = -1;

unsigned status_of(const proxy_worker &member)
{
    return __atomic_load_n(&member.s->status, __ATOMIC_RELAXED);
}

bool is_marked(const proxy_worker &member)
{
    return (status_of(member) & PROXY_WORKER_IN_ERROR) != 0;
}

bool is_never_kept_out(const proxy_worker &member)
{
    return member.s->retry == 0 || (status_of(member) & PROXY_WORKER_IGNORE_ERRORS) != 0;
}

void unmark(proxy_worker &member)
{
    __atomic_and_fetch(&member.s->status, ~static_cast<unsigned>(PROXY_WORKER_IN_ERROR),
                       __ATOMIC_RELAXED);
}

apr_time_t failed_at(const proxy_worker &member)
{
    return __atomic_load_n(&member.s->error_time, __ATOMIC_RELAXED);
}

void move_failure(proxy_worker &member, apr_time_t from, apr_time_t to)
{
    __atomic_compare_exchange_n(&member.s->error_time, &from, to, false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
}

// Somebody takes new clients, and has not failed.
bool serves_anybody(const proxy_balancer &balancer)
{
    constexpr unsigned kNot = PROXY_WORKER_NOT_USABLE_BITMAP | PROXY_WORKER_DRAIN;
    const auto all = members_of(balancer);
    return std::any_of(all.begin(), all.end(), [](const auto *member) {
        return (status_of(*member) & (kNot | PROXY_WORKER_INITIALIZED)) == PROXY_WORKER_INITIALIZED;
    });
}

void tell_retried(const request_rec *r, const RequestState &state, proxy_worker &member)
{
    log<message::member_retried>(r, state.attached->name, ap_proxy_worker_name(r->pool, &member));
}

void let_all_try(const request_rec *r, const RequestState &state, proxy_worker &member,
                 apr_time_t now)
{
    mark_retried(member);
    if (note_retry(*state.attached, occasion_of(r, now), member))
        tell_retried(r, state, member);
}

proxy_worker &tried_member(const RequestState &state) { return *worker_of(state.pick.handle); }

// False: it is none, or its verdict is known.
bool take_verdict(RequestState &state)
{
    if (state.trial != Trial::kUnderWay)
        return false;
    state.trial = Trial::kOver;
    return true;
}

}  // namespace

bool begin_trial(request_rec *r, RequestState &state, proxy_worker &member)
{
    const auto now = apr_time_now();
    if (is_never_kept_out(member)) {
        let_all_try(r, state, member, now);
        return true;
    }
    const auto before = failed_at(member);
    if (sb_balancer_begin_trial(state.attached->core, state.attempt.place,
                                state.pick.recovers_all != 0, now) == 0) {
        // Whoever has claimed it may not have said so yet; this request's next election is to know.
        if (state.pick.recovers_all == 0 && is_marked(member))
            move_failure(member, before, now);
        return false;
    }
    __atomic_store_n(&member.s->error_time, now, __ATOMIC_RELAXED);
    __atomic_add_fetch(&member.s->retries, 1, __ATOMIC_RELAXED);
    state.trial = Trial::kUnderWay;
    state.retry.is_held = state.retry.is_lost = false;  // an earlier attempt was
    if (state.pick.recovers_all == 0 && before != kDueAtOnce)
        tell_retried(r, state, member);
    return true;
}

void make_all_due(Attached &attached)
{
    const auto now = apr_time_now();
    for (auto *member : members_of(*attached.balancer)) {
        auto place = kNoPlace;
        const auto before = failed_at(*member);
        if (is_marked(*member) && find_place(attached, *member, place) &&
            sb_balancer_is_tried(attached.core, place, now) == 0)
            move_failure(*member, before, kDueAtOnce);
    }
}

void note_trial_connected(const request_rec *r, RequestState &state)
{
    if (state.trial != Trial::kUnderWay || serves_anybody(*state.attached->balancer) ||
        !take_verdict(state))
        return;
    unmark(tried_member(state));
    note_connection(*state.attached, occasion_of(r, apr_time_now()), tried_member(state));
}

void note_trial_answered(const request_rec *r, RequestState &state)
{
    // What failonstatus= lists is judged when the request is over.
    if (fails_by_status(*state.attached->balancer, r->status) || !take_verdict(state))
        return;
    auto &member = tried_member(state);
    __atomic_store_n(&member.s->retries, 0, __ATOMIC_RELAXED);
    unmark(member);
    note_return(*state.attached, occasion_of(r, apr_time_now()), member);
}

void end_trial(const request_rec *r, RequestState &state, bool is_answered)
{
    if (state.trial != Trial::kUnderWay)
        return;
    const auto &retry = state.retry;
    if (retry.is_held || (retry.is_lost && r->connection->aborted == 0))
        put_out_of_use(r, state, reason_of(retry.failure));
    else if (is_answered)
        note_trial_answered(r, state);
    if (take_verdict(state) && is_marked(tried_member(state)))
        note_failure(*state.attached, occasion_of(r, apr_time_now()), tried_member(state),
                     SB_REASON_RETRY_DUE);
}

}  // namespace stickybalancer
