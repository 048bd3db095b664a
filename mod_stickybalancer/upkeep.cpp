// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/upkeep.hpp"

#include <mod_watchdog.h>

#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/lbmethods.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_list.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_states.hpp"
#include "mod_stickybalancer/table_upkeep.hpp"

namespace stickybalancer {
namespace {

constexpr apr_interval_time_t kLookEvery = apr_time_from_sec(1);
constexpr const char *kWatchdogName = "_stickybalancer_";

// Through a table.
constexpr int kMostSteps = 256;
constexpr int kMostStepsOfRequest = 2;

bool has_watchdog = false;  // set before there are children

// Somebody has marked a change, or this process' list is another one than was read. Whether others have a
// newer one is for adopt_members().
bool is_outdated(const Attached &attached)
{
    return sb_balancer_is_stale(attached.core) != 0 ||
           attached.seen_members_at.load(std::memory_order_relaxed) != attached.balancer->wupdated;
}

// The caller has taken attached.configuring, and gives it back here.
void read_members_again(Attached &attached, const Occasion &occasion)
{
    const auto digest = attached.seen_digest.load();
    const auto status = configure_locked(attached, occasion.pool);
    const bool has_changed = status != SB_BUSY && attached.seen_digest != digest;
    if (status == SB_BUSY)
        attached.seen_digest = digest;
    if (has_changed)
        remember_members(attached, occasion.now);
    apr_thread_mutex_unlock(attached.configuring);
    if (status == SB_BUSY)
        return;  // it is tried again
    if (status != SB_OK)
        log<message::members_refused>(occasion.server, attached.name, sb_status_name(status));
    else if (has_changed && sb_balancer_is_news(attached.core, attached.seen_digest) != 0)
        log<message::members_changed>(occasion.server, attached.name);
}

void try_to_read_members_again(Attached &attached, const Occasion &occasion)
{
    if (apr_thread_mutex_trylock(attached.configuring) == APR_SUCCESS)
        read_members_again(attached, occasion);
}

// A process that does not know a member which another one has added would take it for nobody's.
bool knows_all_members(const proxy_balancer &balancer)
{
    return balancer.s->wupdated <= balancer.wupdated;
}

// What looks at every member.
void look_after(Attached &attached, const Occasion &occasion)
{
    adopt_members(attached, attached.server, proxy_config_of(attached.server));
    drop_copies(attached);
    if (!knows_all_members(*attached.balancer) || is_outdated_child())
        return;
    if (is_outdated(attached) || attached.seen_digest != digest_of(*attached.balancer))
        try_to_read_members_again(attached, occasion);
    if (sb_balancer_refresh(attached.core, occasion.now) == 0)
        return;
    note_states(attached, occasion);
    if (attached.has_table())
        look_after_table(attached, occasion, has_watchdog ? kMostSteps : kMostStepsOfRequest);
}

// True once a second, for one thread.
bool is_look_due(Attached &attached, apr_time_t now)
{
    auto last = attached.looked_at.load(std::memory_order_relaxed);
    return now - last >= kLookEvery && attached.looked_at.compare_exchange_strong(last, now);
}

// A balancer that is mod_proxy_balancer's may use one of our methods all the same.
bool has_policy_of_ours(const Attached &attached)
{
    return attached.elects() || is_our_method(attached.balancer->lbmethod);
}

bool is_anything_to_look_after(const server_rec *main_server)
{
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i)
            if (has_policy_of_ours(*APR_ARRAY_IDX(list, i, Attached *)))
                return true;
    }
    return false;
}

apr_status_t look_after_all(int state, void *main_server, apr_pool_t *pool)
{
    if (state != AP_WATCHDOG_STATE_RUNNING)
        return APR_SUCCESS;
    for (const auto *s = static_cast<const server_rec *>(main_server); s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i)
            if (auto &attached = *APR_ARRAY_IDX(list, i, Attached *); has_policy_of_ours(attached))
                look_after(attached, {s, pool, apr_time_now()});
    }
    return APR_SUCCESS;
}

}  // namespace

void start_upkeep(apr_pool_t *pconf, server_rec *main_server)
{
    const auto get = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    const auto enrol = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog = nullptr;
    has_watchdog = is_anything_to_look_after(main_server) && get != nullptr && enrol != nullptr &&
                   get(&watchdog, kWatchdogName, 0, 0, pconf) == APR_SUCCESS &&
                   enrol(watchdog, kLookEvery, main_server, look_after_all) == APR_SUCCESS;
}

void follow_changes(Attached &attached, request_rec *r)
{
    if (is_outdated(attached))
        try_to_read_members_again(attached, occasion_of(r, r->request_time));
    if (!has_watchdog && is_look_due(attached, r->request_time))
        look_after(attached, occasion_of(r, r->request_time));
}

void note_change(const server_rec *main_server)
{
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; list != nullptr && i < list->nelts; ++i)
            sb_balancer_mark_changed(APR_ARRAY_IDX(list, i, Attached *)->core);
    }
}

}  // namespace stickybalancer
