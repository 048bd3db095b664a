// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/retry.hpp"

#include <algorithm>
#include <iterator>
#include <cstring>

#include "mod_stickybalancer/attempt_failure.hpp"
#include "mod_stickybalancer/body_replay.hpp"
#include "mod_stickybalancer/explain.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_scheme.hpp"
#include "mod_stickybalancer/placement.hpp"
#include "mod_stickybalancer/trial.hpp"
#include "mod_stickybalancer/unanswered_request.hpp"

namespace stickybalancer {
namespace {

constexpr std::int64_t kAttempts = 3;
constexpr std::int64_t kBody = 64 << 10;
// Of an answer that is thrown away; a longer one ends the connection.
constexpr apr_off_t kMostHeld = 64 << 10;

// mod_proxy's note: the status is a member's, for which ProxyErrorOverride stands in.
constexpr const char *kAnswerOfMember = "proxy-error-override";

ap_filter_rec_t *hold_filter_handle = nullptr;  // httpd's, made anew at each (re)start

const Options &options_of(const RequestState &state) { return state.attached->config.options; }

const RetryOn &retry_on(const RequestState &state)
{
    return *options_of(state).retry_on.value_or(&default_retry_on);
}

bool may_repeat(const request_rec *r, const RequestState &state)
{
    return is_idempotent(r) || options_of(state).retry_methods.value_or(0) != 0;
}

sb_retry_rules rules_of(const RequestState &state)
{
    const auto &options = options_of(state);
    const auto &balancer = *state.attached->balancer->s;
    const auto &on = retry_on(state);
    sb_retry_rules rules{};
    rules.struct_size = sizeof(rules);
    rules.failures = on.failures;
    std::copy(std::begin(on.statuses), std::end(on.statuses), rules.statuses);
    rules.any_method = options.retry_methods.value_or(0) != 0;
    rules.most_attempts = static_cast<std::uint32_t>(options.retry_attempts.value_or(kAttempts));
    // mod_proxy counts the attempts after the first.
    rules.most_after_connect = options.retry_attempts.is_set
                                   ? rules.most_attempts
                                   : static_cast<std::uint32_t>(balancer.max_attempts) + 1;
    return rules;
}

bool may_go_elsewhere(const request_rec *r, const RequestState &state,
                      const sb_failed_attempt &failed)
{
    const auto rules = rules_of(state);
    return !r->connection->aborted && sb_may_retry(&rules, &failed) != 0;
}

// What comes down the chain instead of an answer; 0: an answer does. 502 is a member's, whose connection ended
// (ap_proxy_backend_broke()); mod_proxy_http then closes the client's, rather than to answer for the member. Others
// are the client's: its body could not be read.
int error_in(const apr_bucket_brigade *brigade)
{
    const auto *first = APR_BRIGADE_FIRST(brigade);
    return first != APR_BRIGADE_SENTINEL(brigade) && AP_BUCKET_IS_ERROR(first)
               ? static_cast<const ap_bucket_error *>(first->data)->status
               : 0;
}

bool is_to_be_held(request_rec *r, RequestState &state, int error)
{
    const auto failed = error != 0 ? failed_by(r, state, SB_FAILED_RESET, error)
                                   : failed_by(r, state, SB_FAILED_STATUS, r->status);
    state.retry.failure = failed;
    state.retry.is_lost = error != 0;
    return may_go_elsewhere(r, state, failed) && has_other_member(r, state);
}

// Most answers stand for no failure, and pay for no more than this.
bool stands_for_failure(const request_rec *r, int error)
{
    return error == HTTP_BAD_GATEWAY || (error == 0 && r->status >= SB_RETRY_STATUS_MIN);
}

// What is thrown away is read to its end, so that the member's connection can be used again.
apr_status_t throw_away(RetryState &retry, apr_bucket_brigade *brigade)
{
    apr_off_t length = 0;
    apr_brigade_length(brigade, 1, &length);
    apr_brigade_cleanup(brigade);
    retry.held_bytes += std::max<apr_off_t>(length, 0);
    return retry.held_bytes <= kMostHeld ? APR_SUCCESS : APR_ECONNABORTED;
}

apr_status_t hold_answer(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    auto *r = filter->r;
    auto &state = *static_cast<RequestState *>(filter->ctx);
    auto &retry = state.retry;
    if (const int error = error_in(brigade); !retry.is_held && stands_for_failure(r, error))
        retry.is_held = is_to_be_held(r, state, error);
    if (retry.is_held)
        return throw_away(retry, brigade);
    retry.has_begun = true;
    auto *next = filter->next;
    ap_remove_output_filter(filter);
    return ap_pass_brigade(next, brigade);
}

// With connect, whoever is left is looked for by the next attempt, which says so where there is nobody.
bool is_worth_another(request_rec *r, RequestState &state)
{
    auto &retry = state.retry;
    return retry.is_held ||
           (may_go_elsewhere(r, state, retry.failure) &&
            (retry.failure.failure == SB_FAILED_CONNECT || has_other_member(r, state)));
}

// What no connection can be made to gets no requests for a while: where it refuses them mod_proxy has seen to that,
// where no name or no TLS leads to it, it does here. One request that a member lost says nothing of the others.
void mark_unreachable(const RequestState &state)
{
    if (state.retry.failure.failure == SB_FAILED_CONNECT &&
        state.retry.failure.status != HTTP_SERVICE_UNAVAILABLE && !is_of_no_account(state))
        mark_failed(*worker_of(state.pick.handle), apr_time_now());
}

// The filter that holds answers is needed where one may come down the chain that stands for a failure, or
// where only it knows whether an answer has begun.
bool needs_holding(const request_rec *r, const RequestState &state)
{
    return r->connection->keepalives > 0 || !is_http(*state.worker) ||
           retry_on(state).has_statuses();
}

// One attempt, by the scheme handlers.
int try_member(request_rec *r, RequestState &state, proxy_worker *worker, proxy_server_conf *conf,
               char *url, const char *proxy_host, apr_port_t proxy_port)
{
    auto &retry = state.retry;
    retry.has_begun = retry.is_held = retry.is_lost = false;
    retry.sent_before = state.worker->s->transferred;
    retry.held_bytes = 0;
    ap_filter_t *filter = nullptr;
    if (needs_holding(r, state))
        filter = ap_add_output_filter_handle(hold_filter_handle, &state, r, r->connection);
    retry.is_trying = true;
    const int status = proxy_run_scheme_handler(r, worker, conf, url, proxy_host, proxy_port);
    retry.is_trying = false;
    if (filter != nullptr && !retry.has_begun)
        ap_remove_output_filter(filter);
    return status;
}

// Said once the other member is found: there may be none, or none that the client may be moved to.
void say_moved(request_rec *r, const RequestState &state, proxy_worker &failed,
               const sb_failed_attempt &failure)
{
    if (may_say(r, state.attached->retried_said_at, kOneSecond))
        log<message::request_retried>(r, state.attached->name,
                                      ap_proxy_worker_name(r->pool, &failed),
                                      failure_name(failure, r->pool));
}

// The request as it was, at another member. OK, or the status to end with.
int move_on(request_rec *r, RequestState &state, const UnansweredRequest &unanswered,
            proxy_worker **worker, char **url, proxy_server_conf *conf)
{
    auto &retry = state.retry;
    auto &failed = *worker_of(state.pick.handle);
    judge_attempt(r, state, static_cast<int>(retry.failure.status));
    mark_unreachable(state);
    unanswered.restore();
    if (retry.body != nullptr && retry.body->is_whole)
        replay_body(r, *retry.body);
    end_failed_attempt(r, state);
    *url = retry.balancer_url;
    if (const int found = go_to_member(r, state, worker, url); found != OK)
        return found;
    say_moved(r, state, failed, retry.failure);
    ap_proxy_initialize_worker(*worker, r->server, conf->pool);
    return OK;
}

// The last attempt has brought no answer, whatever its client now hears instead.
void tell_failed(const request_rec *r, const RequestState &state)
{
    const bool is_unanswered = state.worker != nullptr && state.retry.is_lost;
    if (is_unanswered && r->connection->aborted == 0 &&
        may_say(r, state.attached->failed_said_at, kOneSecond))
        log<message::request_failed>(r, state.attached->name, names_of_tried(r->pool, state),
                                     failure_name(state.retry.failure, r->pool));
}

// For these mod_proxy would mark the member that it knows of, whoever it was that failed, and however; and ask us
// once more, where another request had just marked it. It does neither for an answer of a member's.
bool marks_member(int status)
{
    return status == HTTP_SERVICE_UNAVAILABLE || status == HTTP_INTERNAL_SERVER_ERROR;
}

void finish(request_rec *r, RequestState &state, int status)
{
    auto &retry = state.retry;
    retry.is_over = true;
    if (retry.body != nullptr)
        drop_body(*retry.body);
    // Of a subrequest nobody else sees that its answer has begun.
    if (status == OK && !retry.is_lost && !retry.is_held)
        note_trial_answered(r, state);
    retry.keeps_mod_proxy_out =
        marks_member(status) && apr_table_get(r->notes, kAnswerOfMember) == nullptr;
    if (retry.keeps_mod_proxy_out)
        apr_table_setn(r->notes, kAnswerOfMember, "1");
}

}  // namespace

void register_retry()
{
    register_body_replay();
    hold_filter_handle =
        ap_register_output_filter("STICKYBALANCER_RETRY", hold_answer, nullptr,
                                  static_cast<ap_filter_type>(AP_FTYPE_RESOURCE - 10));
}

int try_members(request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url,
                const char *proxy_host, apr_port_t proxy_port)
{
    auto *known = state_of(r);
    if (known == nullptr || known->worker == nullptr || known->retry.is_trying)
        return DECLINED;
    auto &state = *known;
    auto *first = worker;
    const UnansweredRequest unanswered(r);
    if (may_have_body(r) && may_repeat(r, state))
        state.retry.body = keep_body(r, options_of(state).retry_body.value_or(kBody));
    int status = OK;
    do {
        status = try_member(r, state, worker, conf, url, proxy_host, proxy_port);
        if (!has_failed(r, state, status))
            break;
        if (!is_worth_another(r, state)) {
            mark_unreachable(state);
            break;
        }
        status = move_on(r, state, unanswered, &worker, &url, conf);
    } while (status == OK);
    tell_failed(r, state);
    finish(r, state, status);
    // DECLINED would let the handlers have the first member's URL.
    return status == DECLINED && worker != first ? HTTP_INTERNAL_SERVER_ERROR : status;
}

void let_mod_proxy_in(request_rec *r, RequestState &state)
{
    if (state.retry.keeps_mod_proxy_out)
        apr_table_unset(r->notes, kAnswerOfMember);
    state.retry.keeps_mod_proxy_out = false;
}

}  // namespace stickybalancer
