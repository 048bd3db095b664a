// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/election.hpp"

#include <algorithm>

#include "mod_stickybalancer/forced_member.hpp"
#include "mod_stickybalancer/lbmethods.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_settings.hpp"
#include "mod_stickybalancer/upkeep.hpp"

namespace stickybalancer {
namespace {

bool was_tried(const sb_request &request, const proxy_worker *worker)
{
    for (std::size_t i = 0; i < request.tried_count; ++i)
        if (request.tried[i] == handle_of(worker))
            return true;
    return false;
}

// Third-party methods change members' numbers without care for other threads, and are written for
// this lock.
class MethodLock {
public:
    explicit MethodLock(proxy_balancer &balancer)
        : balancer_(balancer), is_held_(PROXY_THREAD_LOCK(&balancer) == APR_SUCCESS)
    {
    }
    ~MethodLock()
    {
        if (is_held_)
            PROXY_THREAD_UNLOCK(&balancer_);
    }
    MethodLock(const MethodLock &) = delete;
    MethodLock &operator=(const MethodLock &) = delete;
    explicit operator bool() const { return is_held_; }

private:
    proxy_balancer &balancer_;
    bool is_held_;
};

bool is_full(Attached &attached, const proxy_worker &worker)
{
    std::uint32_t place = kNoPlace;
    return find_place(attached, worker, place) &&
           sb_balancer_is_member_full(attached.core, place) != 0;
}

bool is_kept_out(const proxy_worker &worker)
{
    constexpr unsigned kBits = PROXY_WORKER_IN_ERROR | PROXY_WORKER_IGNORE_ERRORS;
    return (worker.s->status & kBits) == PROXY_WORKER_IN_ERROR && worker.s->retry != 0;
}

bool is_retry_due(const proxy_worker &worker)
{
    return apr_time_now() > worker.s->error_time + worker.s->retry;
}

// Members that a request may be placed at that belongs to none of them; null: all of them. Methods know
// nothing of maxsessions=, nor of a weight of 0, by which some divide; but a member that is not in the list
// is not theirs to choose. They would also take the error mark from every member whose retry= is over: of these
// they see a copy without it (trial.hpp). `is_client`: not a monitor, which is no client of anybody.
apr_array_header_t *members_for_method(Attached &attached, apr_pool_t *pool, bool is_client)
{
    const auto all = members_of(*attached.balancer);
    const bool keeps_some = attached.keeps_some_from_new_clients.load(std::memory_order_relaxed);
    if (!keeps_some &&
        std::none_of(all.begin(), all.end(), [](auto *w) { return is_kept_out(*w); }))
        return nullptr;
    auto *rest = apr_array_make(pool, static_cast<int>(all.size()), sizeof(proxy_worker *));
    for (auto *worker : all) {
        if (keeps_some && (worker->s->lbfactor == 0 || (is_client && is_full(attached, *worker))))
            continue;
        if (!is_kept_out(*worker))
            APR_ARRAY_PUSH(rest, proxy_worker *) = worker;
        else if (is_retry_due(*worker))
            APR_ARRAY_PUSH(rest, proxy_worker *) = unmarked_copy(*worker, pool);
    }
    return rest;
}

// Of a copy, the member itself.
proxy_worker *original_of(const proxy_balancer &balancer, proxy_worker *chosen)
{
    for (auto *worker : members_of(balancer))
        if (chosen != nullptr && worker->s->index == chosen->s->index)
            return worker;
    return chosen;
}

bool is_anybody_full(Attached &attached)
{
    const auto all = members_of(*attached.balancer);
    return std::any_of(all.begin(), all.end(),
                       [&](const auto *worker) { return is_full(attached, *worker); });
}

void ask_method(Attached &attached, request_rec *r, const sb_request &request, Election &result)
{
    auto &balancer = *attached.balancer;
    const MethodLock lock(balancer);
    if (!lock)
        return;
    auto with_room = balancer;
    const bool is_client = request.ignore_persistence == 0;
    auto *rest = members_for_method(attached, r->pool, is_client);
    if (rest != nullptr)
        with_room.workers = rest;
    auto *worker = balancer.lbmethod->finder(rest != nullptr ? &with_room : &balancer, r);
    if (rest != nullptr)
        worker = original_of(balancer, worker);
    if (worker != nullptr && !was_tried(request, worker)) {
        result.worker = worker;
        result.pick.marks_retry = is_kept_out(*worker);
    } else if (rest != nullptr && is_client && is_anybody_full(attached))
        result.status = SB_SESSIONS_FULL;
}

// So that a method that counts requests knows of the one that it was not asked for.
void tell_method(proxy_balancer &balancer, proxy_worker &worker, server_rec *s)
{
    const MethodLock lock(balancer);
    if (!lock)
        return;
    if (balancer.lbmethod->updatelbstatus != nullptr) {
        balancer.lbmethod->updatelbstatus(&balancer, &worker, s);
        return;
    }
    int total = 0;
    for (int i = 0; i < balancer.workers->nelts; ++i) {
        auto &each = *APR_ARRAY_IDX(balancer.workers, i, proxy_worker *);
        if (!PROXY_WORKER_IS_USABLE(&each))
            continue;
        each.s->lbstatus += each.s->lbfactor;
        total += each.s->lbfactor;
    }
    worker.s->lbstatus -= total;
}

}  // namespace

Election elect(Attached &attached, request_rec *r, const sb_request &request)
{
    Election result{};
    result.pick.struct_size = sizeof(result.pick);
    result.status = sb_balancer_pick(attached.core, &request, &result.pick);
    if (result.status != SB_OK)
        return result;
    result.worker = worker_of(result.pick.handle);
    auto &balancer = *attached.balancer;
    if (result.worker == nullptr)
        ask_method(attached, r, request, result);
    else if (!is_our_method(balancer.lbmethod))
        tell_method(balancer, *result.worker, r->server);
    if (result.worker == nullptr && result.status == SB_OK)
        result.status = SB_NO_USABLE_MEMBER;
    return result;
}

proxy_worker *elect_unbound(Attached &attached, request_rec *r)
{
    follow_changes(attached, r);
    sb_request request{};
    request.struct_size = sizeof(request);
    request.ignore_persistence = 1;
    request.now_us = r->request_time;
    sb_pick pick{};
    pick.struct_size = sizeof(pick);
    if (sb_balancer_pick(attached.core, &request, &pick) != SB_OK || pick.handle == 0)
        return nullptr;
    auto *worker = worker_of(pick.handle);
    if (pick.marks_retry != 0)
        mark_retried(*worker);
    return worker;
}

void mark_retried(proxy_worker &worker)
{
    __atomic_and_fetch(&worker.s->status, ~static_cast<unsigned>(PROXY_WORKER_IN_ERROR),
                       __ATOMIC_RELAXED);
    __atomic_add_fetch(&worker.s->retries, 1, __ATOMIC_RELAXED);
}

void mark_failed(proxy_worker &worker, apr_time_t now)
{
    __atomic_store_n(&worker.s->error_time, now, __ATOMIC_RELAXED);
    __atomic_or_fetch(&worker.s->status, static_cast<unsigned>(PROXY_WORKER_IN_ERROR),
                      __ATOMIC_RELAXED);
}

}  // namespace stickybalancer
