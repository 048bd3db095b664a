// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_view.hpp"

#include <algorithm>
#include <cstring>

#include "mod_stickybalancer/member_list.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_settings.hpp"
#include "mod_stickybalancer/upkeep.hpp"

namespace stickybalancer {
namespace {

// http://user:password@host/ is nobody's business but mod_proxy's.
const char *without_user(apr_pool_t *pool, const char *url)
{
    const char *host = std::strstr(url, "://");
    host = host != nullptr ? host + 3 : url;
    const char *at = static_cast<const char *>(std::memchr(host, '@', std::strcspn(host, "/|")));
    if (at == nullptr)
        return url;
    return apr_pstrcat(pool, apr_pstrmemdup(pool, url, static_cast<apr_size_t>(host - url)), at + 1,
                       nullptr);
}

// Whether it is in rotation for clients of nobody's; a standby is, for when it is needed.
bool takes_new_clients(const proxy_worker &worker, const MemberView &view)
{
    constexpr unsigned kOut = PROXY_WORKER_DRAIN | PROXY_WORKER_STOPPED | PROXY_WORKER_DISABLED;
    return (worker.s->status & kOut) == 0 && worker.s->lbfactor > 0 &&
           view.state.actual != SB_DOWN && view.check.is_draining == 0;
}

// What is summed over all members, and counted.
void read_numbers(Attached &attached, const proxy_worker &worker, apr_time_t now, MemberView &view)
{
    std::uint32_t place = kNoPlace;
    view.state.struct_size = sizeof(view.state);
    view.load.struct_size = sizeof(view.load);
    view.check.struct_size = sizeof(view.check);
    view.sessions.struct_size = sizeof(view.sessions);
    if (!find_place(attached, worker, place))
        return;
    sb_balancer_member_load(attached.core, place, &view.load);
    sb_balancer_member_check(attached.core, place, &view.check);
    sb_balancer_member_sessions(attached.core, place, now, &view.sessions);
    view.takes_new_clients = sb_balancer_member_state(attached.core, place, &view.state) == SB_OK &&
                             takes_new_clients(worker, view);
}

// What else the region tells of it; nothing of a member for which there was no place.
void read_region(Attached &attached, const proxy_worker &worker, apr_time_t now, MemberView &view)
{
    std::uint32_t place = kNoPlace;
    view.drain.struct_size = sizeof(view.drain);
    view.totals.struct_size = sizeof(view.totals);
    view.request = request_of(attached, worker);
    if (!find_place(attached, worker, place))
        return;
    sb_balancer_member_drain(attached.core, place, now, &view.drain);
    sb_balancer_member_totals(attached.core, place, &view.totals);
}

void read_settings(const Attached &attached, const proxy_worker &worker, MemberView &view)
{
    const auto settings = member_settings(attached.server, *attached.balancer, worker);
    view.label = settings.label;
    view.min_connections = settings.min_connections;
    view.max_connections = settings.max_connections;
    view.max_sessions = settings.max_sessions;
    view.check_kind = check_settings(attached.server, *attached.balancer, worker).kind;
}

void describe(Attached &attached, apr_pool_t *pool, const MemberNames &names,
              const proxy_worker &worker, apr_time_t now, MemberView &view)
{
    constexpr unsigned kStandby = PROXY_WORKER_HOT_STANDBY | PROXY_WORKER_HOT_SPARE;
    view.name = without_user(pool, names.name(worker));
    view.url = without_user(pool, ap_proxy_worker_name(pool, const_cast<proxy_worker *>(&worker)));
    view.place = names.place(worker);
    view.route = apr_pstrdup(pool, worker.s->route);
    view.weight_hundredths = static_cast<std::uint32_t>(worker.s->lbfactor);
    view.set = static_cast<std::uint32_t>(worker.s->lbset);
    view.is_standby = (worker.s->status & kStandby) != 0;
    view.is_added = was_added(attached, worker);
    read_settings(attached, worker, view);
    read_region(attached, worker, now, view);
}

void add(sb_member_sessions &sum, const sb_member_sessions &sessions)
{
    sum.kind = std::max(sum.kind, sessions.kind);
    sum.sessions += sessions.sessions;
    sum.lifetime_us = std::max(sum.lifetime_us, sessions.lifetime_us);
    sum.last_seen_us = std::max(sum.last_seen_us, sessions.last_seen_us);
    sum.end_us = std::max(sum.end_us, sessions.end_us);
}

// `chosen`: how many of the range's members there were before.
bool is_chosen(const ViewRange &range, std::size_t place, std::size_t chosen)
{
    if (chosen >= range.count)
        return false;
    return range.places != nullptr ? range.places[chosen] == place : place >= range.first;
}

void add(BalancerView &balancer, const MemberView &member)
{
    ++balancer.member_count;
    balancer.taking_count += member.takes_new_clients ? 1 : 0;
    balancer.active += member.load.active;
    balancer.connecting += member.load.connecting;
    balancer.queued += member.load.queued;
    add(balancer.sessions, member.sessions);
}

// What only grows, so that of members that were removed is in it.
void read_totals(const Attached &attached, BalancerView &view)
{
    sb_totals all{};
    all.struct_size = sizeof(all);
    sb_balancer_totals(attached.core, &all);
    view.totals = all.requests;
    view.checks_passed = all.checks_passed;
    view.checks_failed = all.checks_failed;
}

}  // namespace

const char *kind_of(const sb_member_sessions &sessions)
{
    static constexpr const char *kKinds[] = {"none", "exact", "estimate"};
    return kKinds[sessions.kind <= SB_COUNT_ESTIMATE ? sessions.kind : 0];
}

void take_in_changes(Attached &attached, request_rec *r)
{
    adopt_members(attached, attached.server, proxy_config_of(attached.server));
    follow_changes(attached, r);
}

BalancerView view_of(Attached &attached, request_rec *r, apr_pool_t *pool, const ViewRange &range)
{
    take_in_changes(attached, r);
    const MemberNames names(pool, *attached.balancer);
    const auto workers = members_of(*attached.balancer);
    const auto room = std::min(range.count, workers.size());
    auto *members = static_cast<MemberView *>(apr_palloc(pool, (room + 1) * sizeof(MemberView)));
    BalancerView view{};
    view.name = attached.name;
    const auto now = apr_time_now();  // one for all: a table is walked once
    std::size_t count = 0;
    for (const auto *worker : workers) {
        if (is_removed(*worker))
            continue;
        MemberView member{};
        read_numbers(attached, *worker, now, member);
        if (is_chosen(range, view.member_count, count)) {
            describe(attached, pool, names, *worker, now, member);
            members[count++] = member;
        }
        add(view, member);
    }
    view.members = {members, count};
    read_totals(attached, view);
    return view;
}

MemberView view_of(Attached &attached, apr_pool_t *pool, const MemberNames &names,
                   const proxy_worker &worker)
{
    const auto now = apr_time_now();
    MemberView member{};
    read_numbers(attached, worker, now, member);
    describe(attached, pool, names, worker, now, member);
    return member;
}

}  // namespace stickybalancer
