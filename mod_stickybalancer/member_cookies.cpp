// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_cookies.hpp"

#include <cstring>

#include "mod_stickybalancer/headers.hpp"
#include "mod_stickybalancer/member_scheme.hpp"

namespace stickybalancer {
namespace {

ap_filter_rec_t *restoring_filter_handle = nullptr;  // httpd's, made anew at each (re)start
const sb_region *region_of_pins = nullptr;           // this child's

// Edits the text with write(header, out, length); false: nothing of it was ours.
template <typename Write>
bool edit(apr_pool_t *pool, char *&text, const Write &write)
{
    const auto length = std::strlen(text);
    char *out = static_cast<char *>(apr_palloc(pool, length + 1));
    auto written = length;
    if (write(sb_str{text, length}, out, &written) != SB_OK)
        return false;
    out[written] = '\0';
    text = out;
    return true;
}

// What a member does not get.
struct Edits {
    const Attached *attached;  // whose cookie; null: nobody's
    bool hides_pins;

    explicit operator bool() const { return attached != nullptr || hides_pins; }
};

// A browser sends a pin to every application of its host: it is kept from all whom mod_proxy asks, but not from where
// a forward proxy's clients go, who are not of this host.
Edits edits_of(const request_rec *r, const Attached *attached)
{
    return {attached != nullptr && attached->edits_requests ? attached : nullptr,
            r->proxyreq == PROXYREQ_REVERSE && region_of_pins != nullptr &&
                sb_region_may_be_pinned(region_of_pins, r->request_time) != 0};
}

void edit_cookies(const request_rec *r, const Edits &edits, apr_table_t *headers)
{
    auto *pool = r->pool;
    bool has_empty = false;
    for_each_header(headers, 'c', "Cookie", [&](apr_table_entry_t &entry) {
        bool is_edited =
            edits.attached != nullptr &&
            edit(pool, entry.val, [&](sb_str header, char *out, size_t *length) {
                return sb_balancer_member_cookies(edits.attached->core, header, out, length);
            });
        is_edited |= edits.hides_pins && edit(pool, entry.val, sb_without_pin);
        has_empty |= is_edited && *entry.val == '\0';
    });
    if (has_empty)
        remove_headers(pool, headers, [](const apr_table_entry_t &entry) {
            return *entry.val == '\0' && ap_cstr_casecmp(entry.key, "Cookie") == 0;
        });
}

// What mod_proxy sends to an http, https or WebSocket member, or to any other server: r->headers_in is its copy here.
int edit_copy(request_rec *r)
{
    const auto *state = state_of(r);
    if (state != nullptr && state->client_headers != nullptr)
        return DECLINED;
    const bool is_ours = state != nullptr && state->worker != nullptr;
    const auto edits = edits_of(r, is_ours ? state->attached : nullptr);
    if (!edits)
        return DECLINED;
    edit_cookies(r, edits, r->headers_in);
    return OK;
}

bool is_copied_by_mod_proxy(const proxy_worker &worker)
{
    return is_http(worker) || is_websocket(worker);
}

// Before any filter that might look at the request.
apr_status_t restore_headers(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    auto *next = filter->next;
    auto *r = filter->r;
    ap_remove_output_filter(filter);
    if (auto *state = state_of(r); state != nullptr)
        take_back_member_headers(r, *state);
    return ap_pass_brigade(next, brigade);
}

}  // namespace

void register_member_cookies()
{
    APR_OPTIONAL_HOOK(proxy, fixups, edit_copy, nullptr, nullptr, APR_HOOK_LAST);
    restoring_filter_handle =
        ap_register_output_filter("STICKYBALANCER_HEADERS", restore_headers, nullptr,
                                  static_cast<ap_filter_type>(AP_FTYPE_RESOURCE - 10));
}

void hide_pins_of(const sb_region *region) { region_of_pins = region; }

void lend_member_headers(request_rec *r, RequestState &state)
{
    const auto edits = edits_of(r, state.attached);
    if (!edits || is_copied_by_mod_proxy(*state.worker) ||
        apr_table_get(r->headers_in, "Cookie") == nullptr)
        return;
    state.client_headers = r->headers_in;
    r->headers_in = apr_table_copy(r->pool, r->headers_in);
    edit_cookies(r, edits, r->headers_in);
    ap_add_output_filter_handle(restoring_filter_handle, nullptr, r, r->connection);
}

void take_back_member_headers(request_rec *r, RequestState &state)
{
    if (state.client_headers == nullptr)
        return;
    r->headers_in = state.client_headers;
    state.client_headers = nullptr;
}

}  // namespace stickybalancer
