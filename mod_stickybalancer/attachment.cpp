// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/attachment.hpp"

#include <apr_general.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/live_sessions.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_list.hpp"
#include "mod_stickybalancer/session_lines.hpp"

namespace stickybalancer {
namespace {

bool is_on(const Option<std::int64_t> &option) { return option.value_or(0) != 0; }

// Servers that inherit a balancer have a copy of it, over the same list of members. What members have to do is compared
// by one method: a copy with another one has numbers of its own.
std::uint32_t region_index_of(server_rec *first, const proxy_balancer &balancer,
                              std::uint32_t &count)
{
    for (const auto *s = first; s != nullptr; s = s->next) {
        const auto *attached = config_of(s).attached;
        for (int i = 0; attached != nullptr && i < attached->nelts; ++i)
            if (const auto *other = APR_ARRAY_IDX(attached, i, Attached *);
                other != nullptr && other->balancer->workers == balancer.workers &&
                other->balancer->lbmethod == balancer.lbmethod)
                return other->region_index;
    }
    return count++;
}

bool begin_sessions(Attached &attached)
{
    if (!attached.has_table())
        return true;
    sb_balancer_use_table(attached.core, attached.table, attached.earlier_table);
    attached.live_sessions = new (std::nothrow) LiveSessions;
    return attached.live_sessions != nullptr;
}

}  // namespace

AttachedCount attach_balancers(apr_pool_t *pool, server_rec *main_server)
{
    AttachedCount count{};
    // A virtual host without a directive of ours shares the main server's configuration, but not its
    // list of balancers: from here on each has its own.
    for (auto *s = main_server; s != nullptr; s = s->next) {
        auto *own =
            static_cast<ServerConfig *>(apr_pmemdup(pool, &config_of(s), sizeof(ServerConfig)));
        own->attached = nullptr;
        ap_set_module_config(s->module_config, &stickybalancer_module, own);
    }
    for (auto *s = main_server; s != nullptr; s = s->next) {
        const auto &balancers = *proxy_config_of(s)->balancers;
        auto *list = apr_array_make(pool, balancers.nelts, sizeof(Attached *));
        for (int i = 0; i < balancers.nelts; ++i) {
            auto &balancer = reinterpret_cast<proxy_balancer *>(balancers.elts)[i];
            auto *attached = new (apr_pcalloc(pool, sizeof(Attached))) Attached{};
            attached->name = apr_pstrdup(pool, balancer.s->name);
            attached->name_length = std::strlen(attached->name);
            attached->server = s;
            attached->balancer = &balancer;
            attached->config = effective_config(config_of(s), attached->name);
            attached->edits_requests =
                is_on(attached->config.options.cookie_indirect) ||
                attached->config.options.cookie_mode.value_or(0) == SB_COOKIE_PREFIX;
            if (attached->elects()) {
                const auto keys = session_keys_of(pool, config_of(s), attached->name);
                attached->session_keys = keys.data();
                attached->session_key_count = static_cast<int>(keys.size());
            }
            attached->region_index = region_index_of(main_server, balancer, count.regions);
            // Not a child's: the watchdog's thread may outlast the child's pool.
            apr_thread_mutex_create(&attached->configuring, APR_THREAD_MUTEX_DEFAULT, pool);
            APR_ARRAY_PUSH(list, Attached *) = attached;
            ++count.all;
            count.ours += attached->elects();
        }
        config_of(s).attached = list;
    }
    return count;
}

bool start_attached(apr_pool_t *pool, server_rec *main_server, sb_region *region)
{
    std::uint32_t process = 0;
    if (const auto status = sb_region_claim_process(region, static_cast<std::uint32_t>(getpid()),
                                                    apr_time_now(), &process);
        status != SB_OK) {
        log<message::no_process_slot>(main_server, sb_status_name(status));
        return false;
    }
    for (auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i) {
            auto &attached = *APR_ARRAY_IDX(list, i, Attached *);
            adopt_members(attached, s, proxy_config_of(s));
            attached.region = region;
            auto status = sb_balancer_create(region, attached.block, process, &attached.core);
            if (status == SB_OK && !begin_sessions(attached))
                status = SB_NO_MEMORY;
            if (status == SB_OK)
                status = configure_locked(attached, pool);
            if (status != SB_OK) {
                log<message::cannot_attach>(s, attached.name, sb_status_name(status));
                return false;
            }
        }
    }
    return true;
}

Attached *find_attached(const request_rec *r, const proxy_server_conf *conf,
                        const proxy_balancer *balancer, const char *url)
{
    const auto *list = config_of(r->server).attached;
    if (list == nullptr)
        return nullptr;
    if (balancer != nullptr) {
        const auto index =
            balancer - reinterpret_cast<const proxy_balancer *>(conf->balancers->elts);
        return index >= 0 && index < list->nelts ? APR_ARRAY_IDX(list, index, Attached *) : nullptr;
    }
    for (int i = 0; i < list->nelts; ++i) {
        auto *attached = APR_ARRAY_IDX(list, i, Attached *);
        if (std::strncmp(url, attached->name, attached->name_length) != 0)
            continue;
        if (const char after = url[attached->name_length]; after == '/' || after == '\0')
            return attached->balancer->s->inactive ? nullptr : attached;
    }
    return nullptr;
}

}  // namespace stickybalancer
