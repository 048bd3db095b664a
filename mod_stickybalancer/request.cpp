// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/request.hpp"

#include <algorithm>
#include <cstring>

#include "mod_stickybalancer/environment.hpp"
#include "mod_stickybalancer/forced_member.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_cookies.hpp"
#include "mod_stickybalancer/response.hpp"
#include "mod_stickybalancer/rewrite.hpp"

namespace stickybalancer {
namespace {

sb_str str_of(const char *text)
{
    return text != nullptr ? sb_str{text, std::strlen(text)} : sb_str{};
}

RequestState &begin_attempt(request_rec *r, Attached &attached)
{
    auto *state = state_of(r);
    if (state == nullptr) {
        state = static_cast<RequestState *>(apr_pcalloc(r->pool, sizeof(RequestState)));
        state->is_release = apr_table_get(r->subprocess_env, "sticky-release") != nullptr;
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
void let_go(RequestState &state)
{
    if (state.worker == nullptr)
        return;
    auto *busy = &state.worker->s->busy;
    auto count = __atomic_load_n(busy, __ATOMIC_RELAXED);
    while (count > 0 && !__atomic_compare_exchange_n(busy, &count, count - 1, true,
                                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    state.worker = nullptr;
}

// The last attempt's member failed this request: let it go, and remember it.
void end_failed_attempt(request_rec *r, RequestState &state)
{
    take_back_member_headers(r, state);
    if (state.worker == nullptr)
        return;
    if (state.tried_count == state.tried_capacity) {
        state.tried_capacity = state.tried_capacity == 0 ? 4 : 2 * state.tried_capacity;
        auto *more = static_cast<std::uint64_t *>(
            apr_palloc(r->pool, state.tried_capacity * sizeof(std::uint64_t)));
        std::copy_n(state.tried, state.tried_count, more);
        state.tried = more;
    }
    state.tried[state.tried_count++] = state.pick.handle;
    let_go(state);
}

sb_request request_of(const request_rec *r, const RequestState &state, const char *url)
{
    sb_request request{};
    request.struct_size = sizeof(request);
    // A first attempt begins with the request; a later one may follow a long wait for a connection.
    request.now_us = state.attempts == 0 ? r->request_time : apr_time_now();
    request.cookie_header = str_of(apr_table_get(r->headers_in, "Cookie"));
    if (const char *path = path_in(url); path != nullptr) {
        const char *query = std::strchr(path, '?');
        request.path = {
            path, query != nullptr ? static_cast<std::size_t>(query - path) : std::strlen(path)};
    }
    request.query = str_of(r->args);
    request.ignore_persistence = apr_table_get(r->subprocess_env, "sticky-ignore") != nullptr;
    request.forced_route = str_of(apr_table_get(r->subprocess_env, "sticky-force"));
    request.tried = state.tried;
    request.tried_count = state.tried_count;
    return request;
}

// Whatever goes to the client from here on is not a member's any more.
void end_request(request_rec *r, RequestState &state)
{
    take_back_member_headers(r, state);
    finish_response(r, state);
    let_go(state);
}

// Once a second for each balancer and child: what is said here is a state, and lasts.
bool may_say(Attached &attached, apr_time_t now)
{
    auto last = attached.said_at.load(std::memory_order_relaxed);
    return now - last >= apr_time_from_sec(1) &&
           attached.said_at.compare_exchange_strong(last, now);
}

const char *fault_text(std::uint32_t fault)
{
    const char *name = sb_fault_name(fault);
    return name != nullptr ? name : "no cookie refused";
}

int refuse(request_rec *r, Attached &attached, sb_status status)
{
    if (!may_say(attached, r->request_time))
        return HTTP_SERVICE_UNAVAILABLE;
    if (status == SB_FAILOVER_FORBIDDEN)
        log<message::failover_forbidden>(r, attached.name);
    else if (status == SB_NO_USABLE_MEMBER)
        log<message::no_usable_member>(r, attached.name);
    else
        log<message::request_refused>(r, attached.name, sb_status_name(status));
    return HTTP_SERVICE_UNAVAILABLE;
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

// failonstatus= and failontimeout= of mod_proxy: the answer went out, the member is out of use.
void judge(request_rec *r, const proxy_balancer &balancer, proxy_worker &worker)
{
    if ((worker.s->status & PROXY_WORKER_IGNORE_ERRORS) != 0)
        return;
    const auto retry_s = static_cast<int>(apr_time_sec(worker.s->retry));
    if (fails_by_status(balancer, r->status)) {
        mark_failed(worker, apr_time_now());
        log<message::member_failed_status>(
            r, balancer.s->name, ap_proxy_worker_name(r->pool, &worker), r->status, retry_s);
    }
    if (balancer.failontimeout && apr_table_get(r->notes, "proxy_timedout") != nullptr) {
        mark_failed(worker, apr_time_now());
        log<message::member_failed_timeout>(r, balancer.s->name,
                                            ap_proxy_worker_name(r->pool, &worker), retry_s);
    }
}

}  // namespace

int pre_request(proxy_worker **worker, proxy_balancer **balancer, request_rec *r,
                proxy_server_conf *conf, char **url)
{
    auto *attached = find_attached(r, conf, *balancer, *url);
    if (attached == nullptr || !attached->elects())
        return DECLINED;
    *worker = nullptr;
    *balancer = attached->balancer;
    adopt_members(*attached, r, conf);
    follow_changes(*attached, r);

    auto &state = begin_attempt(r, *attached);
    end_failed_attempt(r, state);
    const auto request = request_of(r, state, *url);
    auto election = elect(*attached, r, request);
    if (election.worker == nullptr)
        return refuse(r, *attached, election.status);

    if (request.forced_route.len != 0 && election.pick.cause != SB_CAUSE_FORCED &&
        may_say(*attached, r->request_time))
        log<message::unknown_forced_route>(r, attached->name, request.forced_route.data);
    state.ignores_persistence = request.ignore_persistence != 0;
    state.pick = election.pick;
    state.pick.handle = handle_of(election.worker);
    ++state.attempts;
    if (state.pick.recovers_all != 0)
        mark_all_retried(*attached->balancer);
    if (state.pick.marks_retry != 0 && state.pick.cause == SB_CAUSE_FORCED) {
        election.worker = forced_member(*election.worker, r->pool);
    } else if (state.pick.marks_retry != 0) {
        mark_retried(*election.worker);
        log<message::member_retried>(r, attached->name,
                                     ap_proxy_worker_name(r->pool, election.worker));
    }
    take(state, *election.worker);
    *worker = election.worker;
    set_environment(r, state);
    prepare_response(r, state);
    lend_member_headers(r, state);
    if (is_logged(r, message::picked))
        log<message::picked>(r, attached->name, ap_proxy_worker_name(r->pool, *worker),
                             sb_cause_name(state.pick.cause), state.pick.cookie_state,
                             fault_text(state.pick.cookie_fault));
    const int result = rewrite_url(r, **worker, url);
    if (result != OK)
        end_request(r, state);  // mod_proxy answers by itself then, and calls post_request no more
    return result;
}

int post_request(proxy_worker *worker, proxy_balancer *balancer, request_rec *r,
                 proxy_server_conf *)
{
    auto *state = state_of(r);
    if (state == nullptr || state->attached->balancer != balancer)
        return DECLINED;
    if (worker != nullptr)
        judge(r, *balancer, *worker);
    end_request(r, *state);
    return OK;
}

}  // namespace stickybalancer
