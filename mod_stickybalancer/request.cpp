// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/request.hpp"

#include "mod_stickybalancer/attempt_failure.hpp"
#include "mod_stickybalancer/client_count.hpp"
#include "mod_stickybalancer/environment.hpp"
#include "mod_stickybalancer/explain.hpp"
#include "mod_stickybalancer/forced_member.hpp"
#include "mod_stickybalancer/health_states.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_cookies.hpp"
#include "mod_stickybalancer/member_list.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_scheme.hpp"
#include "mod_stickybalancer/member_states.hpp"
#include "mod_stickybalancer/placement.hpp"
#include "mod_stickybalancer/queue.hpp"
#include "mod_stickybalancer/request_sessions.hpp"
#include "mod_stickybalancer/response.hpp"
#include "mod_stickybalancer/retry.hpp"
#include "mod_stickybalancer/rewrite.hpp"
#include "mod_stickybalancer/trial.hpp"
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
    end_trial(r, state, is_answered);
    if (is_answered)
        count_client_again(r, state, now);
    wake(sb_balancer_end(state.attached->core, &state.attempt, now - state.began_at, is_answered,
                         now));
    note_attempt(*state.attached, occasion_of(r, now), member, is_answered);
    observe(r, state, now, member, is_answered);
    state.worker = nullptr;
    state.trial = Trial::kNone;
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

int begin_with_member(request_rec *r, RequestState &state, const char *url, Election &election)
{
    if (const int status = find_member(r, state, url, election); status != OK)
        return status;
    auto &attached = *state.attached;
    ++state.attempts;
    if (state.pick.recovers_all != 0)
        make_all_due(attached);
    take(state, *election.worker);
    // mod_proxy_http calls note_connected() once the request has gone out.
    if (is_http(*election.worker))
        sb_balancer_connecting(attached.core, &state.attempt, 1);
    // It may have come to its state while the request waited.
    if (is_wanted_whatever_its_state(state.pick) && !PROXY_WORKER_IS_USABLE(election.worker))
        election.worker = state.worker = forced_member(*election.worker, r->pool);
    else if (state.trial != Trial::kNone)
        election.worker = state.worker = unmarked_copy(*election.worker, r->pool);
    return OK;
}

// It lasts for as long as clients come that are not the other member's yet; with a route in the URL that is for as
// long as the member is down.
constexpr apr_interval_time_t kMovedInterval = apr_time_from_sec(60);

bool is_down(Attached &attached, const proxy_worker &member)
{
    auto place = kNoPlace;
    sb_member_state now{};
    now.struct_size = sizeof(now);
    return find_place(attached, member, place) &&
           sb_balancer_member_state(attached.core, place, &now) == SB_OK &&
           (now.actual == SB_DOWN || now.actual == SB_CHECKING);
}

// Where a client moves because an attempt failed, move_on() says so; where somebody wants it to, nobody is to look
// at anything.
void tell_moved(const request_rec *r, const RequestState &state)
{
    const auto &pick = state.pick;
    if (pick.cause != SB_CAUSE_REDISPATCH || state.attempts != 1 || pick.asked_handle == 0 ||
        !is_down(*state.attached, *worker_of(pick.asked_handle)) ||
        !may_say(r, state.attached->moved_said_at, kMovedInterval))
        return;
    log<message::client_moved>(r, state.attached->name,
                               ap_proxy_worker_name(r->pool, worker_of(pick.asked_handle)),
                               ap_proxy_worker_name(r->pool, worker_of(pick.handle)));
}

// There is no member for it (any more). mod_proxy does not call post_request for a request that never had one.
int turn_away(request_rec *r, RequestState &state, int status)
{
    end_sessions(r, state);
    if (r->main == nullptr)
        explain(r, state, false, r->err_headers_out);
    return status;
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

int go_to_member(request_rec *r, RequestState &state, proxy_worker **worker, char **url)
{
    Election election;
    if (const int status = begin_with_member(r, state, *url, election); status != OK)
        return turn_away(r, state, status);
    *worker = election.worker;
    tell_moved(r, state);
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
    end_failed_attempt(r, state);
    if (state.retry.is_over)
        return turn_away(r, state, HTTP_SERVICE_UNAVAILABLE);
    state.retry.balancer_url = *url;
    return go_to_member(r, state, worker, url);
}

int note_connected(request_rec *r, request_rec *)
{
    if (auto *state = state_of(r); state != nullptr && state->worker != nullptr) {
        sb_balancer_connecting(state->attached->core, &state->attempt, 0);
        note_trial_connected(r, *state);
    }
    return OK;
}

int post_request(proxy_worker *worker, proxy_balancer *balancer, request_rec *r,
                 proxy_server_conf *)
{
    auto *state = state_of(r);
    if (state == nullptr || state->attached->balancer != balancer)
        return DECLINED;
    let_mod_proxy_in(r, *state);
    if (worker != nullptr)
        judge_attempt(r, *state, r->status);
    end_request(r, *state);
    return OK;
}

}  // namespace stickybalancer
