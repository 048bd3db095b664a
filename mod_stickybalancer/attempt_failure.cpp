// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/attempt_failure.hpp"

#include <cstring>

#include "mod_stickybalancer/body_replay.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_scheme.hpp"
#include "mod_stickybalancer/member_states.hpp"

namespace stickybalancer {
namespace {

// Where a body is not kept, mod_proxy_http has what it read before it found nobody to send it to; so has
// mod_proxy_fcgi, and the others read nothing before.
bool has_whole_body(const request_rec *r, const RequestState &state, sb_failure failure)
{
    const auto *body = state.retry.body;
    return (body != nullptr && body->is_whole) || failure == SB_FAILED_CONNECT ||
           (body == nullptr && !may_have_body(r));
}

// The scheme handlers of other protocols than http answer 503 for a connection that ended, too. mod_proxy_ajp does
// so only where the method may be repeated. Of the others it is certain that nothing was sent where no connection
// could be made (ap_proxy_connect_backend() marks the member at once) and nobody has sent the member anything
// meanwhile.
bool is_surely_unsent(const request_rec *r, const RequestState &state)
{
    const auto &member = *state.worker->s;
    if (has_scheme(*state.worker, "ajp"))
        return !is_idempotent(r);
    return is_websocket(*state.worker) ||
           ((member.status & PROXY_WORKER_IN_ERROR) != 0 && member.error_time >= state.began_at &&
            member.transferred == state.retry.sent_before);
}

// mod_proxy answers 500 for more than this; what else it says so for is nobody's failure.
bool could_not_begin(const request_rec *r)
{
    const char *why = apr_table_get(r->notes, "error-notes");
    return why != nullptr && (std::strstr(why, "SSL Handshake") != nullptr ||
                              std::strstr(why, "DNS lookup failure") != nullptr);
}

sb_failure failure_of_503(const request_rec *r, const RequestState &state)
{
    if (is_http(*state.worker))  // of a 100-continue, where the request was sent
        return state.attempt.is_connecting != 0 ? SB_FAILED_CONNECT : SB_FAILED_TIMEOUT;
    return is_surely_unsent(r, state) ? SB_FAILED_CONNECT : SB_FAILED_RESET;
}

// An attempt without an answer, by the status that its scheme handler gave it. True: it failed so.
bool failure_of(const request_rec *r, const RequestState &state, int status, sb_failure &failure)
{
    switch (status) {
    case HTTP_SERVICE_UNAVAILABLE: failure = failure_of_503(r, state); return true;
    case HTTP_GATEWAY_TIME_OUT: failure = SB_FAILED_TIMEOUT; break;
    case HTTP_BAD_GATEWAY:
        failure = apr_table_get(r->notes, "proxy_timedout") != nullptr ? SB_FAILED_TIMEOUT
                  : could_not_begin(r)                                 ? SB_FAILED_CONNECT
                                                                       : SB_FAILED_RESET;
        break;
    case HTTP_INTERNAL_SERVER_ERROR:
        if (is_http(*state.worker) && !could_not_begin(r))
            return false;
        failure = is_http(*state.worker) ? SB_FAILED_CONNECT : SB_FAILED_RESET;
        break;
    default: return false;
    }
    return !is_websocket(*state.worker) && r->status != HTTP_SWITCHING_PROTOCOLS;
}

}  // namespace

// RFC 9110, section 9.2.2, and of RFC 4918 and 3253 what reads only.
bool is_idempotent(const request_rec *r)
{
    switch (r->method_number) {
    case M_GET:
    case M_PUT:
    case M_DELETE:
    case M_OPTIONS:
    case M_TRACE:
    case M_PROPFIND:
    case M_REPORT: return true;
    default: return false;
    }
}

sb_failed_attempt failed_by(const request_rec *r, const RequestState &state, sb_failure failure,
                            int status)
{
    sb_failed_attempt failed{};
    failed.struct_size = sizeof(failed);
    failed.failure = failure;
    failed.status = static_cast<std::uint32_t>(status);
    failed.attempts = static_cast<std::uint32_t>(state.attempts);
    failed.is_idempotent = is_idempotent(r);
    failed.has_whole_body = has_whole_body(r, state, failure);
    return failed;
}

bool has_failed(request_rec *r, RequestState &state, int status)
{
    auto &retry = state.retry;
    if (retry.is_held)
        return true;
    if (retry.has_begun || state.is_answered || status == OK || status == DECLINED)
        return false;
    auto failure = SB_FAILED_STATUS;
    if (apr_table_get(r->notes, "proxy-error-override") == nullptr &&
        !failure_of(r, state, status, failure))
        return false;
    retry.failure = failed_by(r, state, failure, status);
    retry.is_lost = failure != SB_FAILED_STATUS;
    return true;
}

const char *failure_name(const sb_failed_attempt &failed, apr_pool_t *pool)
{
    switch (failed.failure) {
    case SB_FAILED_CONNECT: return "connect";
    case SB_FAILED_RESET: return "reset";
    case SB_FAILED_TIMEOUT: return "timeout";
    default: return apr_itoa(pool, static_cast<int>(failed.status));
    }
}

sb_reason reason_of(const sb_failed_attempt &failed)
{
    switch (failed.failure) {
    case SB_FAILED_CONNECT: return SB_REASON_CONNECT_FAILED;
    case SB_FAILED_RESET: return SB_REASON_RESET;
    case SB_FAILED_TIMEOUT: return SB_REASON_TIMEOUT;
    default: return SB_REASON_STATUS;
    }
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

void put_out_of_use(const request_rec *r, RequestState &state, sb_reason reason)
{
    const auto now = apr_time_now();
    auto &member = *worker_of(state.pick.handle);
    mark_failed(member, now);
    note_failure(*state.attached, occasion_of(r, now), member, reason);
    if (state.trial != Trial::kNone)
        state.trial = Trial::kOver;
}

void judge_attempt(request_rec *r, RequestState &state, int status)
{
    if (state.worker == nullptr || is_of_no_account(state))
        return;
    auto &member = *worker_of(state.pick.handle);
    const auto &balancer = *state.attached->balancer;
    const auto retry_s = static_cast<int>(apr_time_sec(member.s->retry));
    if (fails_by_status(balancer, status)) {
        if (!state.retry.is_held &&
            !state.retry.is_lost)  // else it is counted as what it failed by
            sb_balancer_count_failure(state.attached->core, state.attempt.place, SB_FAILED_STATUS);
        put_out_of_use(r, state, SB_REASON_STATUS);
        log<message::member_failed_status>(r, balancer.s->name,
                                           ap_proxy_worker_name(r->pool, &member), status, retry_s);
    }
    if (balancer.failontimeout && apr_table_get(r->notes, "proxy_timedout") != nullptr) {
        put_out_of_use(r, state, SB_REASON_TIMEOUT);
        log<message::member_failed_timeout>(r, balancer.s->name,
                                            ap_proxy_worker_name(r->pool, &member), retry_s);
    }
}

bool is_of_no_account(const RequestState &state)
{
    const auto &member = *worker_of(state.pick.handle);
    const bool is_copy = &member != state.worker;
    return (is_copy && state.trial == Trial::kNone) ||
           (member.s->status & PROXY_WORKER_IGNORE_ERRORS) != 0;
}

}  // namespace stickybalancer
