// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/placement.hpp"

#include <algorithm>
#include <cstring>

#include "mod_stickybalancer/forced_member.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/queue.hpp"
#include "mod_stickybalancer/request_sessions.hpp"
#include "mod_stickybalancer/rewrite.hpp"
#include "mod_stickybalancer/trial.hpp"
#include "mod_stickybalancer/when_down.hpp"

namespace stickybalancer {
namespace {

sb_request request_of(request_rec *r, const RequestState &state, const char *url, bool is_first)
{
    sb_request request{};
    request.struct_size = sizeof(request);
    // A first attempt begins with the request; a later one may follow a long wait.
    const bool is_begin = is_first && state.attempts == 0 && state.queued_us == 0;
    request.now_us = is_begin ? r->request_time : apr_time_now();
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
    if (state.sessions != nullptr) {
        request.sessions = state.sessions->sessions;
        request.session_count = state.sessions->count;
    }
    request.when_down = when_down_of(r, *state.attached);
    request.may_move = apr_table_get(r->subprocess_env, "sticky-move") != nullptr;
    request.tried = state.tried;
    request.tried_count = state.tried_count;
    return request;
}

int refuse(request_rec *r, Attached &attached, sb_status status)
{
    const int answer =
        status == SB_FAILOVER_FORBIDDEN ? answer_instead(r, attached) : HTTP_SERVICE_UNAVAILABLE;
    if (!may_say(attached, r->request_time))
        return answer;
    if (status == SB_FAILOVER_FORBIDDEN)
        log<message::failover_forbidden>(r, attached.name, answer);
    else if (status == SB_NO_USABLE_MEMBER)
        log<message::no_usable_member>(r, attached.name);
    else if (status == SB_SESSIONS_FULL)
        log<message::sessions_full>(r, attached.name);
    else
        log<message::request_refused>(r, attached.name, sb_status_name(status));
    return answer;
}

// Of a member that a third party's method elected the core has not said it.
std::uint32_t place_of(Attached &attached, const Election &election)
{
    auto place = election.pick.place;
    if (place == kNoPlace)
        find_place(attached, *election.worker, place);
    return place;
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
    state.began_at = state.queued_us == 0 && state.attempts == 0 ? r->request_time : apr_time_now();
}

int give_up_waiting(request_rec *r, Attached &attached, proxy_worker &worker,
                    apr_interval_time_t waited_us)
{
    if (may_say(attached, r->request_time))
        log<message::queue_timed_out>(r, attached.name,
                                      static_cast<int>(apr_time_as_msec(waited_us)),
                                      ap_proxy_worker_name(r->pool, &worker));
    return HTTP_SERVICE_UNAVAILABLE;
}

// For the member's totals. Who passes by for another member has lost nothing.
void count_wait(const RequestState &state, std::uint32_t place, Turn turn, bool may_wait,
                apr_interval_time_t waited_us)
{
    const bool is_lost =
        turn == Turn::kTimedOut || turn == Turn::kClientGone || (turn == Turn::kFull && may_wait);
    if (waited_us != 0 || is_lost)
        sb_balancer_count_wait(state.attached->core, place, waited_us, is_lost);
}

// The member has been elected. OK; an answer; or DECLINED: it or its queue has no room, and somebody else
// is to be asked.
int enter(request_rec *r, RequestState &state, const Election &election, apr_time_t now)
{
    auto &attached = *state.attached;
    apr_interval_time_t waited_us = 0;
    const bool waits = may_wait(state);
    const auto place = place_of(attached, election);
    const auto turn = take_turn(r,
                                {attached, *election.worker, place, is_new_to_member(state), waits,
                                 is_wanted_whatever_its_state(state.pick), now},
                                state.attempt, waited_us);
    note_wait(r, state, waited_us);
    count_wait(state, place, turn, waits, waited_us);
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
    return give_up_waiting(r, attached, *election.worker, waited_us);
}

// A member that has failed is tried by one request at a time. Answers as enter().
int begin_where_failed(request_rec *r, RequestState &state, proxy_worker &member)
{
    if (state.pick.marks_retry == 0 || is_wanted_whatever_its_state(state.pick) ||
        begin_trial(r, state, member))
        return OK;
    wake(sb_balancer_end(state.attached->core, &state.attempt, 0, 0, apr_time_now()));
    if (state.pick.recovers_all != 0)
        remember_tried(r, state);
    return DECLINED;
}

// One election, and the member's turn. Answers as enter().
int try_election(request_rec *r, RequestState &state, const char *url, bool is_first,
                 Election &election)
{
    auto &attached = *state.attached;
    const auto request = request_of(r, state, url, is_first);
    election = elect(attached, r, request);
    if (state.passed_count != 0 && (election.worker == nullptr || election.pick.recovers_all != 0 ||
                                    stands_in(*election.worker, state)))
        return ask_again(state);
    if (election.worker == nullptr)
        return refuse(r, attached, election.status);
    if (state.passed_count != 0 && election.pick.cause == SB_CAUSE_REDISPATCH)
        election.pick.cause = state.pick.cause;  // nobody has failed this request
    if (request.forced_route.len != 0 && election.pick.cause != SB_CAUSE_FORCED &&
        may_say(attached, r->request_time))
        log<message::unknown_forced_route>(r, attached.name, request.forced_route.data);
    state.ignores_persistence = request.ignore_persistence != 0;
    state.pick = election.pick;
    state.pick.handle = handle_of(election.worker);
    int answer = enter(r, state, election, request.now_us);
    if (answer == OK)
        answer = begin_where_failed(r, state, *election.worker);
    if (answer == OK)
        sb_balancer_count_attempt(attached.core, state.attempt.place, &state.pick,
                                  static_cast<std::uint32_t>(state.attempts) + 1);
    return answer;
}

}  // namespace

bool may_say(std::atomic<apr_time_t> &said_at, apr_time_t now, apr_interval_time_t interval)
{
    auto last = said_at.load(std::memory_order_relaxed);
    return now - last >= interval && said_at.compare_exchange_strong(last, now);
}

bool may_say(Attached &attached, apr_time_t now)
{
    return may_say(attached.said_at, now, kOneSecond);
}

bool may_say(const request_rec *r, std::atomic<apr_time_t> &said_at, apr_interval_time_t interval)
{
    return APLOG_R_IS_LEVEL(r, APLOG_INFO) || may_say(said_at, apr_time_now(), interval);
}

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

bool has_other_member(request_rec *r, RequestState &state)
{
    remember_tried(r, state);
    const auto request = request_of(r, state, state.retry.balancer_url, false);
    --state.tried_count;
    sb_pick pick{};
    pick.struct_size = sizeof(pick);
    // That the last resort would be tried is no reason to throw an answer away.
    if (sb_balancer_pick(state.attached->core, &request, &pick) != SB_OK || pick.recovers_all != 0)
        return false;
    // A third party's method is asked when the attempt is made.
    return pick.handle != 0 || state.tried_count + 1 < members_of(*state.attached->balancer).size();
}

int find_member(request_rec *r, RequestState &state, const char *url, Election &election)
{
    // Each member at most once: the core does not name one again that was tried.
    state.may_wait = false;
    int status = DECLINED;
    for (int i = 0; i < kMostElections && status == DECLINED; ++i)
        status = try_election(r, state, url, i == 0, election);
    if (status == DECLINED)
        status = refuse(r, *state.attached, SB_NO_USABLE_MEMBER);
    state.tried_count -= state.passed_count;
    state.passed_count = 0;
    return status;
}

}  // namespace stickybalancer
