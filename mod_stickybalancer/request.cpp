// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/request.hpp"

#include <algorithm>
#include <cstring>

#include "mod_stickybalancer/environment.hpp"
#include "mod_stickybalancer/forced_member.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_cookies.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_states.hpp"
#include "mod_stickybalancer/queue.hpp"
#include "mod_stickybalancer/response.hpp"
#include "mod_stickybalancer/rewrite.hpp"
#include "mod_stickybalancer/upkeep.hpp"

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
void lower_busy(proxy_worker &worker)
{
    auto *busy = &worker.s->busy;
    auto count = __atomic_load_n(busy, __ATOMIC_RELAXED);
    while (count > 0 && !__atomic_compare_exchange_n(busy, &count, count - 1, true,
                                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

void let_go(const request_rec *r, RequestState &state, bool is_answered)
{
    if (state.worker == nullptr)
        return;
    const auto now = apr_time_now();
    auto &member =
        *worker_of(state.pick.handle);  // the worker may be a copy of it (forced_member.hpp)
    lower_busy(member);
    wake(sb_balancer_end(state.attached->core, &state.attempt, now - state.began_at, is_answered,
                         now));
    note_attempt(*state.attached, occasion_of(r, now), member, is_answered);
    state.worker = nullptr;
}

// This request asks the member no more.
void remember_tried(request_rec *r, RequestState &state)
{
    if (state.tried_count == state.tried_capacity) {
        state.tried_capacity = state.tried_capacity == 0 ? 4 : 2 * state.tried_capacity;
        auto *more = static_cast<std::uint64_t *>(
            apr_palloc(r->pool, state.tried_capacity * sizeof(std::uint64_t)));
        std::copy_n(state.tried, state.tried_count, more);
        state.tried = more;
    }
    state.tried[state.tried_count++] = state.pick.handle;
}

// The last attempt's member failed this request: let it go, and remember it.
void end_failed_attempt(request_rec *r, RequestState &state)
{
    take_back_member_headers(r, state);
    if (state.worker == nullptr)
        return;
    remember_tried(r, state);
    let_go(r, state, false);
}

sb_request request_of(request_rec *r, const RequestState &state, const char *url)
{
    sb_request request{};
    request.struct_size = sizeof(request);
    // A first attempt begins with the request; a later one may follow a long wait.
    request.now_us = state.attempts == 0 && state.queued_us == 0 ? r->request_time : apr_time_now();
    request.cookie_header = str_of(apr_table_get(r->headers_in, "Cookie"));
    if (const char *path = path_in(url); path != nullptr) {
        const char *query = std::strchr(path, '?');
        request.path = {
            path, query != nullptr ? static_cast<std::size_t>(query - path) : std::strlen(path)};
    }
    request.query = str_of(r->args);
    request.ignore_persistence = apr_table_get(r->subprocess_env, "sticky-ignore") != nullptr;
    if (const auto *key = state.attached->hash_key.load(std::memory_order_acquire); key != nullptr)
        if (const auto value = key->read(r); value)
            request.affinity = {value->data(), value->size()};
    request.forced_route = str_of(apr_table_get(r->subprocess_env, "sticky-force"));
    request.tried = state.tried;
    request.tried_count = state.tried_count;
    return request;
}

// Whatever goes to the client from here on is not a member's any more.
void end_request(request_rec *r, RequestState &state)
{
    take_back_member_headers(r, state);
    const bool is_answered = finish_response(r, state);
    let_go(r, state, is_answered);
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
    else if (status == SB_SESSIONS_FULL)
        log<message::sessions_full>(r, attached.name);
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
void judge(request_rec *r, Attached &attached, proxy_worker &worker)
{
    const auto &balancer = *attached.balancer;
    if ((worker.s->status & PROXY_WORKER_IGNORE_ERRORS) != 0)
        return;
    const auto retry_s = static_cast<int>(apr_time_sec(worker.s->retry));
    if (fails_by_status(balancer, r->status)) {
        const auto now = apr_time_now();
        mark_failed(worker, now);
        note_failure(attached, occasion_of(r, now), worker, SB_REASON_STATUS);
        log<message::member_failed_status>(
            r, balancer.s->name, ap_proxy_worker_name(r->pool, &worker), r->status, retry_s);
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

// Null where it is a place of nobody.
bool find_place_of(Attached &attached, const Election &election, std::uint32_t &place)
{
    place = election.pick.place;
    return place != kNoPlace || find_place(attached, *election.worker, place);
}

// How many members with no place free a new client passes by before it waits for one.
constexpr std::size_t kMostPassed = 8;

// How many members are asked for a place before a request is turned away: each is a whole election.
constexpr int kMostElections = 64;

// With sticky-ignore nobody is bound: a monitor is no client of the member.
bool is_new_to_member(const RequestState &state)
{
    const auto cause = state.pick.cause;
    return !state.ignores_persistence &&
           (cause == SB_CAUSE_POLICY || cause == SB_CAUSE_REDISPATCH || cause == SB_CAUSE_HASH);
}

// A client that belongs to no member waits for none as long as another has a place free.
bool may_wait(const RequestState &state)
{
    return state.may_wait ||
           (state.pick.cause != SB_CAUSE_POLICY && state.pick.cause != SB_CAUSE_REDISPATCH);
}

// That a member is busy is no reason to serve by standbys, spares or another set: those are for when it
// is down.
bool stands_in(const proxy_worker &other, const RequestState &state)
{
    constexpr unsigned kReserve = PROXY_WORKER_HOT_STANDBY | PROXY_WORKER_HOT_SPARE;
    const auto &passed = *worker_of(state.tried[state.tried_count - 1])->s;
    return other.s->lbset != passed.lbset ||
           (other.s->status & kReserve) != (passed.status & kReserve);
}

// Nobody has a place free, or enough have been asked: it waits for the one whose turn is next.
int ask_again(RequestState &state)
{
    state.tried_count -= state.passed_count;
    state.passed_count = 0;
    state.may_wait = true;
    return DECLINED;
}

int pass_by(request_rec *r, RequestState &state)
{
    remember_tried(r, state);
    ++state.passed_count;
    return state.passed_count < kMostPassed ? DECLINED : ask_again(state);
}

void note_wait(request_rec *r, RequestState &state, apr_interval_time_t waited_us)
{
    if (waited_us != 0) {
        state.queued_us += waited_us;
        apr_table_setn(r->subprocess_env, "STICKY_QUEUE_US",
                       apr_psprintf(r->pool, "%" APR_TIME_T_FMT, state.queued_us));
    }
    state.began_at = waited_us == 0 && state.attempts == 0 ? r->request_time : apr_time_now();
}

// One election, and the member's turn. OK; an answer; or DECLINED: the member or its queue has no room,
// and somebody else is to be asked.
int try_election(request_rec *r, RequestState &state, const char *url, Election &election)
{
    auto &attached = *state.attached;
    const auto request = request_of(r, state, url);
    election = elect(attached, r, request);
    if (state.passed_count != 0 && (election.worker == nullptr || election.pick.recovers_all != 0 ||
                                    stands_in(*election.worker, state)))
        return ask_again(state);
    if (election.worker == nullptr)
        return refuse(r, attached, election.status);
    if (state.passed_count != 0)
        election.pick.cause = state.pick.cause;  // nobody has failed this request
    if (request.forced_route.len != 0 && election.pick.cause != SB_CAUSE_FORCED &&
        may_say(attached, r->request_time))
        log<message::unknown_forced_route>(r, attached.name, request.forced_route.data);
    state.ignores_persistence = request.ignore_persistence != 0;
    state.pick = election.pick;
    state.pick.handle = handle_of(election.worker);
    std::uint32_t place = kNoPlace;
    find_place_of(attached, election, place);
    apr_interval_time_t waited_us = 0;
    const bool waits = may_wait(state);
    const auto turn = take_turn(r,
                                {attached, *election.worker, place, is_new_to_member(state),
                                 waits, state.pick.cause == SB_CAUSE_FORCED, request.now_us},
                                state.attempt, waited_us);
    note_wait(r, state, waited_us);
    switch (turn) {
    case Turn::kMine: return OK;
    case Turn::kNoSession: return DECLINED;  // others were faster; it is not named again
    case Turn::kFull:
        if (is_logged(r, message::no_place_free))
            log<message::no_place_free>(r, attached.name,
                                        ap_proxy_worker_name(r->pool, election.worker));
        if (!waits)
            return pass_by(r, state);
        [[fallthrough]];
    case Turn::kMemberGone: remember_tried(r, state); return DECLINED;
    case Turn::kClientGone: r->connection->aborted = 1; return HTTP_SERVICE_UNAVAILABLE;
    case Turn::kTimedOut: break;
    }
    if (may_say(attached, r->request_time))
        log<message::queue_timed_out>(r, attached.name,
                                      static_cast<int>(apr_time_as_msec(waited_us)),
                                      ap_proxy_worker_name(r->pool, election.worker));
    return HTTP_SERVICE_UNAVAILABLE;
}

int elect_and_enter(request_rec *r, RequestState &state, const char *url, Election &election)
{
    // Each member at most once: the core does not name one again that was tried.
    state.may_wait = false;
    int status = DECLINED;
    for (int i = 0; i < kMostElections && status == DECLINED; ++i)
        status = try_election(r, state, url, election);
    if (status == DECLINED)
        status = refuse(r, *state.attached, SB_NO_USABLE_MEMBER);
    state.tried_count -= state.passed_count;
    state.passed_count = 0;
    if (status != OK)
        return status;
    auto &attached = *state.attached;
    ++state.attempts;
    if (state.pick.recovers_all != 0)
        mark_all_retried(*attached.balancer);
    take(state, *election.worker);
    if (tells_when_connected(*election.worker))
        sb_balancer_connecting(attached.core, &state.attempt, 1);
    if (state.pick.cause == SB_CAUSE_FORCED) {
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
    Election election;
    if (const int status = elect_and_enter(r, state, *url, election); status != OK)
        return status;
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
    if (worker != nullptr)
        judge(r, *state->attached, *worker);
    end_request(r, *state);
    return OK;
}

}  // namespace stickybalancer
