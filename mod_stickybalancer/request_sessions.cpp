// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/request_sessions.hpp"

#include <cstring>

#include "mod_stickybalancer/learning.hpp"
#include "mod_stickybalancer/member_scheme.hpp"
#include "mod_stickybalancer/response.hpp"
#include "mod_stickybalancer/trial.hpp"

namespace stickybalancer {
namespace {

ap_filter_rec_t *connection_filter_handle = nullptr;  // httpd's, made anew at each (re)start

bool holds(request_rec *r, const ap_expr_info_t *condition)
{
    const char *error = nullptr;
    return condition == nullptr || ap_expr_exec(r, condition, &error) > 0;
}

void add_session(RequestSessions &own, const sb_session &session, std::uint32_t key)
{
    for (std::uint32_t i = 0; i < own.count; ++i)
        if (is_same(own.sessions[i], session)) {
            own.keys[i] |= key;
            return;
        }
    if (own.count == SB_SESSIONS_OF_REQUEST_MAX)
        return;
    own.sessions[own.count] = session;
    own.keys[own.count++] = key;
}

// A browser may have several cookies of one name, from several paths: any of them may be the session's.
void read_key(request_rec *r, const Attached &attached, int number, RequestSessions &own)
{
    const auto &line = attached.session_keys[number];
    auto value = line.key->read(r);
    for (int i = 0; value && i < SB_SESSIONS_OF_REQUEST_MAX; ++i) {
        sb_session session{};
        if (sb_balancer_session(attached.core, line.kind, {value->data(), value->size()},
                                &session) == SB_OK)
            add_session(own, session, 1U << number);
        value = line.key->read_next(*value);
    }
}

void read_keys(request_rec *r, const Attached &attached, RequestSessions &own)
{
    for (int i = 0; i < attached.session_key_count; ++i) {
        const auto &line = attached.session_keys[i];
        if (!holds(r, line.condition))
            continue;
        own.holding_keys |= 1U << i;
        read_key(r, attached, i, own);
    }
}

// Only WebSockets are: the filter that watches for one is the connection's, and not given back before its end.
bool asks_for_upgrade(const request_rec *r, const proxy_worker &worker)
{
    const char *protocol = apr_table_get(r->headers_in, "Upgrade");
    return protocol != nullptr && (is_websocket(worker) || *worker.s->upgrade != '\0') &&
           (ap_cstr_casecmp(protocol, "websocket") == 0 ||
            ap_cstr_casecmp(protocol, worker.s->upgrade) == 0);
}

// What goes out now is the member's. mod_proxy_wstunnel hands it on without having read it.
bool is_upgraded(const request_rec *r, const RequestState &state)
{
    return state.worker != nullptr && !state.is_answered &&
           (r->status == HTTP_SWITCHING_PROTOCOLS ||
            (is_websocket(*state.worker) && !ap_is_HTTP_INFO(r->status)));
}

bool has_release_header(const request_rec *r)
{
    return apr_table_get(r->headers_out, kReleaseHeader) != nullptr ||
           apr_table_get(r->err_headers_out, kReleaseHeader) != nullptr;
}

apr_status_t watch_connection(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    if (auto *r = static_cast<request_rec *>(filter->ctx); r != nullptr)
        if (auto &state = *state_of(r); is_upgraded(r, state)) {
            note_trial_answered(r, state);
            settle_sessions(r, state, has_release_header(r));
        }
    return ap_pass_brigade(filter->next, brigade);
}

// Whoever has the filter at the head of its chain goes on through it.
apr_status_t stop_watching(void *data)
{
    auto &state = *static_cast<RequestState *>(data);
    if (state.connection_filter != nullptr) {
        state.connection_filter->ctx = nullptr;
        ap_remove_output_filter(state.connection_filter);
    }
    state.connection_filter = nullptr;
    return APR_SUCCESS;
}

apr_status_t let_sessions_go(void *data)
{
    auto &own = *static_cast<RequestSessions *>(data);
    if (own.slot != nullptr)
        own.live->end(*own.slot);
    own.slot = nullptr;
    return APR_SUCCESS;
}

}  // namespace

void register_session_filter()
{
    connection_filter_handle = ap_register_output_filter(
        "STICKYBALANCER_SESSIONS", watch_connection, nullptr, AP_FTYPE_CONNECTION);
}

RequestSessions *read_sessions(request_rec *r, const Attached &attached)
{
    if (!attached.has_table() || apr_table_get(r->subprocess_env, "sticky-ignore") != nullptr)
        return nullptr;
    auto *own = static_cast<RequestSessions *>(apr_pcalloc(r->pool, sizeof(RequestSessions)));
    own->live = attached.live_sessions;
    read_keys(r, attached, *own);
    apr_pool_cleanup_register(r->pool, own, let_sessions_go, apr_pool_cleanup_null);
    for (std::uint32_t i = 0; i < own->count; ++i)
        keep_alive(*own, own->sessions[i]);
    return own;
}

void keep_alive(RequestSessions &own, const sb_session &session)
{
    if (own.slot == nullptr)
        own.slot = own.live->begin();
    if (own.slot != nullptr)
        LiveSessions::add(*own.slot, session);
}

void watch_for_upgrade(request_rec *r, RequestState &state)
{
    if ((state.sessions == nullptr && state.trial == Trial::kNone) ||
        state.connection_filter != nullptr || !asks_for_upgrade(r, *state.worker))
        return;
    state.connection_filter =
        ap_add_output_filter_handle(connection_filter_handle, r, r, r->connection);
    apr_pool_cleanup_register(r->pool, &state, stop_watching, apr_pool_cleanup_null);
}

void settle_sessions(request_rec *r, RequestState &state, bool has_release_header)
{
    if (state.sessions == nullptr || state.sessions->is_settled)
        return;
    state.sessions->is_settled = true;
    if (state.pick.cause != SB_CAUSE_FORCED)
        learn_from_answer(r, state, has_release_header || is_release_asked_for(r, state));
}

bool is_release_asked_for(const request_rec *r, const RequestState &state)
{
    return state.is_release || (state.sessions != nullptr &&
                                apr_table_get(r->subprocess_env, "sticky-release") != nullptr);
}

bool leaves_client_unbound(const RequestState &state)
{
    const auto &attached = *state.attached;
    return attached.has_table() && state.pick.binds_client == 0 &&
           *attached.balancer->s->sticky_path == '\0' &&
           (state.sessions == nullptr || !state.sessions->has_learned);
}

void end_sessions(request_rec *r, RequestState &state)
{
    if (state.connection_filter != nullptr)
        apr_pool_cleanup_run(r->pool, &state, stop_watching);
    if (state.sessions == nullptr)
        return;
    if (!state.sessions->is_settled && state.pick.cause != SB_CAUSE_FORCED &&
        is_release_asked_for(r, state))
        forget_sessions(state);
    apr_pool_cleanup_run(r->pool, state.sessions, let_sessions_go);
}

}  // namespace stickybalancer
