// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/client_count.hpp"

#include "mod_stickybalancer/request_sessions.hpp"

namespace stickybalancer {
namespace {

sb_str address_of(const request_rec *r)
{
    const auto *from = r->useragent_addr;
    if (from == nullptr)
        return {};
    return {static_cast<const char *>(from->ipaddr_ptr),
            static_cast<std::size_t>(from->ipaddr_len)};
}

std::uint64_t client_of(const request_rec *r, const RequestState &state, sb_str session)
{
    const auto *core = state.attached->core;
    if (session.len != 0)
        return sb_balancer_client(core, session, {});
    return sb_balancer_client(core, address_of(r),
                              str_of(apr_table_get(r->headers_in, "User-Agent")));
}

// The table has one of its sessions at this member.
bool is_in_table(const RequestState &state)
{
    return state.sessions != nullptr && state.sessions->has_learned;
}

void note(RequestState &state, apr_time_t now)
{
    state.client_counted_at = now;
    sb_balancer_note_client(state.attached->core, state.attempt.place, state.client, now);
}

}  // namespace

void count_client(const request_rec *r, RequestState &state, const GivenCookie &given)
{
    const auto &pick = state.pick;
    if (given.is_over || (pick.is_client == 0 && !given.is_given))
        return;
    if (is_in_table(state)) {
        sb_balancer_note_client_of_table(state.attached->core, state.attempt.place, apr_time_now());
        return;
    }
    state.is_client = true;
    state.client = client_of(r, state, given.is_given ? given.session : pick.client_session);
    note(state, apr_time_now());
}

// A WebSocket's answer goes around the filters of answers, so that client has not been counted yet.
void count_client_again(const request_rec *r, RequestState &state, apr_time_t now)
{
    constexpr apr_interval_time_t kLong = apr_time_from_sec(1);
    if (!state.is_client && r->status == HTTP_SWITCHING_PROTOCOLS)
        count_client(r, state, {});
    if (state.is_client && now - state.client_counted_at >= kLong)
        note(state, now);
    state.is_client = false;
}

}  // namespace stickybalancer
