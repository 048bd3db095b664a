// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_view.hpp"

#include <cstring>
#include <new>

#include "mod_stickybalancer/member_names.hpp"
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

// What the region tells of it; nothing of a member for which there was no place.
void read_region(Attached &attached, const proxy_worker &worker, apr_time_t now, MemberView &view)
{
    std::uint32_t place = kNoPlace;
    view.state.struct_size = sizeof(view.state);
    view.load.struct_size = sizeof(view.load);
    view.drain.struct_size = sizeof(view.drain);
    view.check.struct_size = sizeof(view.check);
    view.sessions.struct_size = sizeof(view.sessions);
    view.totals.struct_size = sizeof(view.totals);
    view.request = request_of(attached, worker);
    if (!find_place(attached, worker, place))
        return;
    sb_balancer_member_state(attached.core, place, &view.state);
    sb_balancer_member_load(attached.core, place, &view.load);
    sb_balancer_member_drain(attached.core, place, now, &view.drain);
    sb_balancer_member_check(attached.core, place, &view.check);
    sb_balancer_member_sessions(attached.core, place, now, &view.sessions);
    sb_balancer_member_totals(attached.core, place, &view.totals);
}

MemberView view_of(Attached &attached, apr_pool_t *pool, const MemberNames &names,
                   const proxy_worker &worker, apr_time_t now)
{
    const auto settings = member_settings(attached.server, *attached.balancer, worker);
    MemberView view{};
    view.name = without_user(pool, names.name(worker));
    view.label = settings.label;
    view.url = without_user(pool, ap_proxy_worker_name(pool, const_cast<proxy_worker *>(&worker)));
    view.place = names.place(worker);
    view.route = apr_pstrdup(pool, worker.s->route);
    view.weight_hundredths = static_cast<std::uint32_t>(worker.s->lbfactor);
    view.min_connections = settings.min_connections;
    view.max_connections = settings.max_connections;
    read_region(attached, worker, now, view);
    return view;
}

void add(BalancerView &balancer, const sb_member_load &load)
{
    balancer.active += load.active;
    balancer.connecting += load.connecting;
    balancer.queued += load.queued;
}

}  // namespace

BalancerView view_of(Attached &attached, request_rec *r)
{
    adopt_members(attached, r->server, proxy_config_of(r->server));
    follow_changes(attached, r);
    const MemberNames names(r->pool, *attached.balancer);
    const auto workers = members_of(*attached.balancer);
    const auto now = apr_time_now();  // one for all: a table is walked once
    auto *members =
        static_cast<MemberView *>(apr_palloc(r->pool, (workers.size() + 1) * sizeof(MemberView)));
    BalancerView view{attached.name, {members, workers.size()}, 0, 0, 0};
    for (std::size_t i = 0; i < workers.size(); ++i) {
        members[i] = view_of(attached, r->pool, names, *workers[i], now);
        add(view, members[i].load);
    }
    return view;
}

}  // namespace stickybalancer
