// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/environment.hpp"

#include "mod_stickybalancer/core_settings.hpp"

namespace stickybalancer {
namespace {

// A first attempt finds none of these names yet, and adding costs less than replacing. A redirected
// request or a subrequest may have inherited them.
bool may_add(const request_rec *r, const RequestState &state)
{
    return state.attempts == 1 && r->prev == nullptr && r->main == nullptr;
}

// Names and values live as long as the request.
class TableWriter {
public:
    TableWriter(apr_table_t *table, bool may_add)
        : table_(table), write_(may_add ? apr_table_addn : apr_table_setn)
    {
    }
    void set(const char *name, const char *value) const { write_(table_, name, value); }

private:
    apr_table_t *table_;
    void (*write_)(apr_table_t *, const char *, const char *);
};

const char *attempts_text(apr_pool_t *pool, int attempts)
{
    static constexpr const char *kFew[] = {"0", "1", "2", "3", "4"};
    return attempts < 5 ? kFew[attempts] : apr_itoa(pool, attempts);
}

// A member's name: its route where that is its alone, else with the number among those that share
// it, else where it is.
const char *member_name(apr_pool_t *pool, const proxy_worker_shared &member,
                        std::uint32_t number_of_route)
{
    if (*member.route == '\0')
        return apr_psprintf(pool, "%s:%d", member.hostname_ex, static_cast<int>(member.port));
    if (number_of_route > 1)
        return apr_psprintf(pool, "%s:%u", member.route, number_of_route);
    return member.route;
}

// As the client wrote it; an opaque cookie shows no route, and is taken at its word.
const char *asked_route(apr_pool_t *pool, const sb_pick &pick)
{
    if (pick.asked_route.len == 0 && pick.asked_handle != 0)
        return apr_pstrdup(pool, worker_of(pick.asked_handle)->s->route);
    return apr_pstrmemdup(pool, pick.asked_route.data, pick.asked_route.len);
}

// What the response will do, if the member gives one: N nothing, I insert a cookie, U update the
// client's.
char expected_response_letter(const sb_pick &pick)
{
    if (pick.wants_cookie == 0)
        return 'N';
    return pick.cookie_state == 'V' ? 'U' : 'I';
}

const char *state_text(apr_pool_t *pool, char request_letter, char response_letter)
{
    if (request_letter == 'V' && response_letter == 'N')
        return "VN";
    if (request_letter == 'N' && response_letter == 'I')
        return "NI";
    const char text[] = {request_letter, response_letter, '\0'};
    return apr_pstrdup(pool, text);
}

}  // namespace

void set_environment(request_rec *r, RequestState &state)
{
    const auto &pick = state.pick;
    const auto &balancer = *state.attached->balancer->s;
    const auto &member = *state.worker->s;
    const auto &options = state.attached->config.options;
    const TableWriter environment(r->subprocess_env, may_add(r, state));

    const bool keeps_clients =
        cookie_mode_of(options, balancer) != SB_COOKIE_OFF || *balancer.sticky_path != '\0';
    const bool is_bound = pick.cause == SB_CAUSE_COOKIE || pick.cause == SB_CAUSE_PATH ||
                          pick.cause == SB_CAUSE_QUERY ||
                          (pick.cause == SB_CAUSE_PERSIST && pick.session == 0);
    const bool may_bind =
        keeps_clients && pick.cause != SB_CAUSE_FORCED && !state.ignores_persistence;
    if (is_bound ? pick.moves_route != 0 : may_bind)
        environment.set("BALANCER_ROUTE_CHANGED", "1");
    environment.set("BALANCER_NAME", balancer.name);
    environment.set("BALANCER_WORKER_NAME", member.name_ex);
    environment.set("BALANCER_WORKER_ROUTE", member.route);
    if (pick.has_asked != 0 && pick.cause != SB_CAUSE_FORCED) {
        const TableWriter notes(r->notes, may_add(r, state));
        const char *sticky =
            pick.asked_in_cookie != 0 ? cookie_name_of(options, balancer) : balancer.sticky_path;
        const char *route =
            is_bound && pick.moves_route == 0 ? member.route : asked_route(r->pool, pick);
        notes.set("session-sticky", sticky);
        notes.set("session-route", route);
        environment.set("BALANCER_SESSION_STICKY", sticky);
        environment.set("BALANCER_SESSION_ROUTE", route);
    }
    environment.set("STICKY_MEMBER", member_name(r->pool, member, pick.number_of_route));
    environment.set("STICKY_CAUSE", sb_cause_name(pick.cause));
    state.response_letter = expected_response_letter(pick);
    environment.set("STICKY_STATE", state_text(r->pool, pick.cookie_state, state.response_letter));
    if (state.attempts > 1 || pick.cause == SB_CAUSE_REDISPATCH || pick.moves_route != 0)
        environment.set("STICKY_MOVED", "1");
    environment.set("STICKY_ATTEMPTS", attempts_text(r->pool, state.attempts));
}

void set_response_letter(request_rec *r, RequestState &state, char letter)
{
    if (letter == state.response_letter)
        return;
    state.response_letter = letter;
    apr_table_setn(r->subprocess_env, "STICKY_STATE",
                   state_text(r->pool, state.pick.cookie_state, letter));
}

}  // namespace stickybalancer
