// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/queue.hpp"

#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include <apr_portable.h>

#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

// How long a request waits on for a client that has gone, at most.
constexpr apr_interval_time_t kLookAtClientEvery = apr_time_from_msec(100);

void sleep_at(const std::uint32_t *word, std::uint32_t value, apr_interval_time_t longest)
{
    const timespec timeout = {apr_time_sec(longest), apr_time_usec(longest) * 1000};
    syscall(SYS_futex, word, FUTEX_WAIT, value, &timeout, nullptr, 0);
}

// The connection of the client, below HTTP/2's streams.
bool has_client_gone(const request_rec *r)
{
    const auto *connection =
        r->connection->master != nullptr ? r->connection->master : r->connection;
    if (connection->aborted)
        return true;
    auto *socket = ap_get_conn_socket(const_cast<conn_rec *>(connection));
    apr_os_sock_t fd = -1;
    if (socket == nullptr || apr_os_sock_get(&fd, socket) != APR_SUCCESS)
        return false;
    pollfd polled = {fd, POLLRDHUP, 0};
    return poll(&polled, 1, 0) > 0 && (polled.revents & (POLLRDHUP | POLLERR | POLLHUP)) != 0;
}

bool has_member_gone(const TurnRequest &asked)
{
    return !asked.is_forced && (asked.worker.s->status & PROXY_WORKER_NOT_USABLE_BITMAP) != 0;
}

}  // namespace

void wake(const std::uint32_t *word)
{
    if (word != nullptr)
        syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

Turn take_turn(const request_rec *r, const TurnRequest &asked, sb_attempt &attempt,
               apr_interval_time_t &waited_us)
{
    auto *core = asked.attached.core;
    sb_waiting waiting;
    auto now = asked.now;
    auto entry = asked.may_wait
                     ? sb_balancer_enter(core, asked.place, asked.places_client, now, &waiting)
                     : sb_balancer_enter_at_once(core, asked.place, asked.places_client, now);
    const bool waits = entry.verdict == SB_WAIT;
    if (waits && is_logged(r, message::waits_for_place))
        log<message::waits_for_place>(r, asked.attached.name,
                                      ap_proxy_worker_name(r->pool, &asked.worker));
    while (entry.verdict == SB_WAIT) {
        wake(entry.wake_word);
        now = apr_time_now();
        waited_us = std::max<apr_interval_time_t>(now - asked.now, 1);
        const bool is_client_gone = has_client_gone(r);
        if (is_client_gone || has_member_gone(asked)) {
            wake(sb_balancer_leave(core, &waiting));
            return is_client_gone ? Turn::kClientGone : Turn::kMemberGone;
        }
        const auto longest = std::min(kLookAtClientEvery, entry.wait_until_us - now);
        if (longest > 0)
            sleep_at(entry.wait_word, entry.wait_value, longest);
        now = apr_time_now();
        entry = sb_balancer_look(core, asked.places_client, now, &waiting);
        waited_us = std::max<apr_interval_time_t>(now - asked.now, 1);
    }
    wake(entry.wake_word);
    attempt = entry.attempt;
    // Who had the place before may have found the member dead.
    if (entry.verdict == SB_ADMITTED && waits && has_member_gone(asked)) {
        wake(sb_balancer_end(core, &attempt, 0, 0, now));
        return Turn::kMemberGone;
    }
    switch (entry.verdict) {
    case SB_ADMITTED: return Turn::kMine;
    case SB_TIMED_OUT: return Turn::kTimedOut;
    case SB_MEMBER_FULL: return Turn::kNoSession;
    default: return Turn::kFull;
    }
}

}  // namespace stickybalancer
