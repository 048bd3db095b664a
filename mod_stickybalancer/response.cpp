// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/response.hpp"

#include <cstring>

#include "mod_stickybalancer/environment.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

// Not mutable state of ours: httpd's register of filters hands it out at each (re)start.
ap_filter_rec_t *response_filter_handle = nullptr;

// The client's own request came over TLS, as far as mod_ssl, ServerName https://... or the
// environment know.
bool is_client_secure(const request_rec *r)
{
    if (std::strcmp(ap_http_scheme(r), "https") == 0)
        return true;
    const char *https = apr_table_get(r->subprocess_env, "HTTPS");
    return https != nullptr && ap_cstr_casecmp(https, "on") == 0;
}

// The Set-Cookie value for the member that answered; null where no cookie can say it.
const char *cookie_for(request_rec *r, const RequestState &state)
{
    const char *route = state.worker->s->route;
    char small[512];
    std::size_t length = sizeof(small);
    char *out = small;
    auto write = [&] {
        return sb_balancer_cookie(state.attached->core, &state.pick, {route, std::strlen(route)},
                                  is_client_secure(r), r->request_time, out, &length);
    };
    auto status = write();
    if (status == SB_BUFFER_TOO_SMALL) {
        out = static_cast<char *>(apr_palloc(r->pool, length));
        status = write();
    }
    return status == SB_OK ? apr_pstrmemdup(r->pool, out, length) : nullptr;
}

bool is_cookie_named(const char *set_cookie, const char *name, std::size_t name_length)
{
    while (*set_cookie == ' ' || *set_cookie == '\t')
        ++set_cookie;
    if (std::strncmp(set_cookie, name, name_length) != 0)
        return false;
    for (set_cookie += name_length; *set_cookie == ' ' || *set_cookie == '\t'; ++set_cookie) {
    }
    return *set_cookie == '=';
}

// Takes every Set-Cookie line with this name out; the others stay as they are, each its own line.
void remove_cookie(request_rec *r, apr_table_t *headers, const char *name)
{
    const auto length = std::strlen(name);
    const auto *entries = apr_table_elts(headers);
    const auto is_ours = [&](const apr_table_entry_t &entry) {
        // The first letter spares nearly every header the call.
        return (*entry.key | 0x20) == 's' && ap_cstr_casecmp(entry.key, "Set-Cookie") == 0 &&
               is_cookie_named(entry.val, name, length);
    };
    bool has_ours = false;
    for (int i = 0; i < entries->nelts && !has_ours; ++i)
        has_ours = is_ours(APR_ARRAY_IDX(entries, i, apr_table_entry_t));
    if (!has_ours)
        return;
    const auto *kept = apr_table_elts(apr_table_copy(r->pool, headers));
    apr_table_clear(headers);
    for (int i = 0; i < kept->nelts; ++i)
        if (const auto &entry = APR_ARRAY_IDX(kept, i, apr_table_entry_t); !is_ours(entry))
            apr_table_addn(headers, entry.key, entry.val);
}

// True when `headers` now have the cookie.
bool set_cookie(request_rec *r, const RequestState &state, apr_table_t *headers)
{
    const char *cookie = cookie_for(r, state);
    if (cookie == nullptr)
        return false;
    const char *name = cookie_name_of(state.attached->config.options, *state.attached->balancer->s);
    remove_cookie(r, r->headers_out, name);
    remove_cookie(r, r->err_headers_out, name);
    apr_table_addn(headers, "Set-Cookie", cookie);
    return true;
}

apr_status_t filter_response(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    auto *next = filter->next;
    auto *r = filter->r;
    ap_remove_output_filter(filter);
    if (auto *state = state_of(r);
        state != nullptr && state->worker != nullptr && state->pick.wants_cookie != 0)
        state->has_set_cookie = set_cookie(r, *state, r->headers_out);
    return ap_pass_brigade(next, brigade);
}

}  // namespace

void register_response_filter()
{
    response_filter_handle =
        ap_register_output_filter("STICKYBALANCER", filter_response, nullptr,
                                  static_cast<ap_filter_type>(AP_FTYPE_CONTENT_SET + 2));
}

void prepare_response(request_rec *r, RequestState &state)
{
    // A subrequest's headers reach nobody.
    if (state.pick.wants_cookie == 0 || state.has_response_filter || r->main != nullptr)
        return;
    ap_add_output_filter_handle(response_filter_handle, nullptr, r, r->connection);
    state.has_response_filter = true;
}

void finish_response(request_rec *r, RequestState &state)
{
    if (state.pick.wants_cookie == 0)
        return;
    if (!state.has_set_cookie && state.worker != nullptr &&
        apr_table_get(r->notes, "proxy-error-override") != nullptr)
        state.has_set_cookie = set_cookie(r, state, r->err_headers_out);
    state.pick.wants_cookie = 0;  // whatever goes out from here on is httpd's own
    if (!state.has_set_cookie)
        take_back_response_state(r, state);
}

}  // namespace stickybalancer
