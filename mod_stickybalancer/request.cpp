// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/request.hpp"

#include <cstring>

#include "mod_stickybalancer/client_count.hpp"
#include "mod_stickybalancer/environment.hpp"
#include "mod_stickybalancer/forced_member.hpp"
#include "mod_stickybalancer/health_states.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_cookies.hpp"
#include "mod_stickybalancer/member_states.hpp"
#include "mod_stickybalancer/placement.hpp"
#include "mod_stickybalancer/queue.hpp"
#include "mod_stickybalancer/request_sessions.hpp"
#include "mod_stickybalancer/response.hpp"
#include "mod_stickybalancer/retry.hpp"
#include "mod_stickybalancer/rewrite.hpp"
#include "mod_stickybalancer/upkeep.hpp"

namespace stickybalancer {
namespace {

RequestState &begin_attempt(request_rec *r, Attached &attached)
{
    auto *state = state_of(r);
    if (state == nullptr) {
        state = static_cast<RequestState *>(apr_pcalloc(r->pool, sizeof(RequestState)));
        state->is_release = apr_table_get(r->subprocess_env, "sticky-release") != nullptr;
        state->sessions = read_sessions(r, attached);
        ap_set_module_config(r->request_config, &stickybalancer_module, state);
    }
    state->attached = &attached;
    return *state;
}

void take(RequestState &state, proxy_worker &worker)
{
    state.worker = &worker;
    __atomic_add_fetch(&worker.s->elected, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&worker.s->busy, 1, __ATOMIC_RELAXED);
}

// Never below zero: balancer-manager may have set the count anew meanwhile.
void lower_busy(proxy_worker &worker)
{
    auto *busy = &worker.s->busy;
    auto count = __atomic_load_n(busy, __ATOMIC_RELAXED);
    while (count > 0 && !__atomic_compare_exchange_n(busy, &count, count - 1, true,
                                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

// For observe= of StickyCheck. What a client did not send, or did not wait for, is no failure of the member.
void observe(const request_rec *r, const RequestState &state, apr_time_t now, proxy_worker &member,
             bool is_answered)
{
    auto &attached = *state.attached;
    if (!attached.observes_requests.load(std::memory_order_relaxed))
        return;
    const bool has_failed = state.retry.is_lost && r->connection->aborted == 0;
    if (is_answered || has_failed)
        observe_request(
            attached, occasion_of(r, now), member, has_failed,
            state.retry.failure.failure == SB_FAILED_TIMEOUT ? SB_REASON_TIMEOUT : SB_REASON_RESET);
}

// For the member's totals: no answer in spite of a client that waits for it, or one that was thrown away.
void count_failure(const request_rec *r, const RequestState &state)
{
    const auto &retry = state.retry;
    if (retry.is_held || (retry.is_lost && r->connection->aborted == 0))
        sb_balancer_count_failure(state.attached->core, state.attempt.place,
                                  static_cast<sb_failure>(retry.failure.failure));
}

void let_go(const request_rec *r, RequestState &state, bool is_answered)
{
    if (state.worker == nullptr)
        return;
    count_failure(r, state);
    const auto now = apr_time_now();
    auto &member =
        *worker_of(state.pick.handle);  // the worker may be a copy of it (forced_member.hpp)
    lower_busy(member);
    if (is_answered)
        count_client_again(r, state, now);
    wake(sb_balancer_end(state.attached->core, &state.attempt, now - state.began_at, is_answered,
                         now));
    note_attempt(*state.attached, occasion_of(r, now), member, is_answered);
    observe(r, state, now, member, is_answered);
    state.worker = nullptr;
}

// Whatever goes to the client from here on is not a member's any more.
void end_request(request_rec *r, RequestState &state)
{
    take_back_member_headers(r, state);
    const bool is_answered = finish_response(r, state) || is_settled(state);
    state.attempt.binds_nobody = leaves_client_unbound(state);
    end_sessions(r, state);
    let_go(r, state, is_answered);
}

const char *fault_text(std::uint32_t fault)
{
    const char *name = sb_fault_name(fault);
    return name != nullptr ? name : "no cookie refused";
}

bool fails_by_status(const proxy_balancer &balancer, int status)
{
    if (balancer.errstatuses == nullptr)
        return false;
    for (int i = 0; i < balancer.errstatuses->nelts; ++i)
        if (APR_ARRAY_IDX(balancer.errstatuses, i, int) == status)
            return true;
    return false;
}

void judge(request_rec *r, const RequestState &state, proxy_worker &worker, int status)
{
    auto &attached = *state.attached;
    const auto &balancer = *attached.balancer;
    // Of a copy (forced_member.hpp) it is known that the member is out of use.
    const bool is_copy = &worker != worker_of(state.pick.handle);
    if (is_copy || (worker.s->status & PROXY_WORKER_IGNORE_ERRORS) != 0)
        return;
    const auto retry_s = static_cast<int>(apr_time_sec(worker.s->retry));
    if (fails_by_status(balancer, status)) {
        const auto now = apr_time_now();
        if (!state.retry.is_held)
            sb_balancer_count_failure(attached.core, state.attempt.place, SB_FAILED_STATUS);
        mark_failed(worker, now);
        note_failure(attached, occasion_of(r, now), worker, SB_REASON_STATUS);
        log<message::member_failed_status>(r, balancer.s->name,
                                           ap_proxy_worker_name(r->pool, &worker), status, retry_s);
    }
    if (balancer.failontimeout && apr_table_get(r->notes, "proxy_timedout") != nullptr) {
        const auto now = apr_time_now();
        mark_failed(worker, now);
        note_failure(attached, occasion_of(r, now), worker, SB_REASON_TIMEOUT);
        log<message::member_failed_timeout>(r, balancer.s->name,
                                            ap_proxy_worker_name(r->pool, &worker), retry_s);
    }
}

// mod_proxy_http calls note_connected() once the request has gone out.
bool tells_when_connected(const proxy_worker &worker)
{
    return std::strncmp(worker.s->scheme, "http", 4) == 0;
}

void try_all_again(const request_rec *r, Attached &attached)
{
    for (auto *worker : members_of(*attached.balancer))
        if ((worker->s->status & (PROXY_WORKER_IN_ERROR | PROXY_WORKER_HC_FAIL)) ==
            PROXY_WORKER_IN_ERROR) {
            mark_retried(*worker);
            note_retry(attached, occasion_of(r, apr_time_now()), *worker);
        }
}

int begin_with_member(request_rec *r, RequestState &state, const char *url, Election &election)
{
    if (const int status = find_member(r, state, url, election); status != OK)
        return status;
    auto &attached = *state.attached;
    ++state.attempts;
    if (state.pick.recovers_all != 0)
        try_all_again(r, attached);
    take(state, *election.worker);
    if (tells_when_connected(*election.worker))
        sb_balancer_connecting(attached.core, &state.attempt, 1);
    if (is_wanted_whatever_its_state(state.pick)) {
        // It may have come to its state while the request waited.
        if (!PROXY_WORKER_IS_USABLE(election.worker))
            election.worker = state.worker = forced_member(*election.worker, r->pool);
        return OK;
    }
    if (state.pick.marks_retry == 0)
        return OK;
    mark_retried(*election.worker);
    note_retry(attached, occasion_of(r, apr_time_now()), *election.worker);
    log<message::member_retried>(r, attached.name, ap_proxy_worker_name(r->pool, election.worker));
    return OK;
}

}  // namespace

void end_failed_attempt(request_rec *r, RequestState &state)
{
    take_back_member_headers(r, state);
    if (state.worker == nullptr)
        return;
    remember_tried(r, state);
    let_go(r, state, false);
}

void judge_attempt(request_rec *r, RequestState &state, int status)
{
    if (state.worker != nullptr)
        judge(r, state, *state.worker, status);
}

int go_to_member(request_rec *r, RequestState &state, proxy_worker **worker, char **url)
{
    Election election;
    if (const int status = begin_with_member(r, state, *url, election); status != OK) {
        end_sessions(r, state);
        return status;
    }
    *worker = election.worker;
    set_environment(r, state);
    prepare_response(r, state);
    watch_for_upgrade(r, state);
    lend_member_headers(r, state);
    if (is_logged(r, message::picked))
        log<message::picked>(r, state.attached->name, ap_proxy_worker_name(r->pool, *worker),
                             sb_cause_name(state.pick.cause), state.pick.cookie_state,
                             fault_text(state.pick.cookie_fault));
    const int result = rewrite_url(r, **worker, url);
    if (result != OK)
        end_request(r, state);  // mod_proxy answers by itself then, and calls post_request no more
    return result;
}

int pre_request(proxy_worker **worker, proxy_balancer **balancer, request_rec *r,
                proxy_server_conf *conf, char **url)
{
    auto *attached = find_attached(r, conf, *balancer, *url);
    if (attached == nullptr || !attached->elects())
        return DECLINED;
    *worker = nullptr;
    *balancer = attached->balancer;
    adopt_members(*attached, r->server, conf);
    follow_changes(*attached, r);

    auto &state = begin_attempt(r, *attached);
    spare_member(state);
    end_failed_attempt(r, state);
    if (state.retry.is_over) {
        end_sessions(r, state);
        return HTTP_SERVICE_UNAVAILABLE;
    }
    state.retry.balancer_url = *url;
    return go_to_member(r, state, worker, url);
}

int note_connected(request_rec *r, request_rec *)
{
    if (auto *state = state_of(r); state != nullptr && state->worker != nullptr)
        sb_balancer_connecting(state->attached->core, &state->attempt, 0);
    return OK;
}

int post_request(proxy_worker *worker, proxy_balancer *balancer, request_rec *r,
                 proxy_server_conf *)
{
    auto *state = state_of(r);
    if (state == nullptr || state->attached->balancer != balancer)
        return DECLINED;
    spare_member(*state);
    if (worker != nullptr)
        judge_attempt(r, *state, r->status);
    end_request(r, *state);
    return OK;
}

}  // namespace stickybalancer
