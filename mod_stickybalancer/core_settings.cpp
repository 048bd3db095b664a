// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/core_settings.hpp"

#include <scoreboard.h>

#include <cstring>

#include "mod_stickybalancer/health_lines.hpp"
#include "mod_stickybalancer/lbmethods.hpp"
#include "mod_stickybalancer/member_list.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {
namespace {

// core/members/member_state.hpp, in mod_proxy's words.
constexpr sb_state_bits kStateBits = {
    PROXY_WORKER_INITIALIZED,
    PROXY_WORKER_NOT_USABLE_BITMAP &
        ~static_cast<std::uint32_t>(PROXY_WORKER_IN_ERROR | PROXY_WORKER_HC_FAIL),
    PROXY_WORKER_IN_ERROR,
    PROXY_WORKER_IGNORE_ERRORS,
    PROXY_WORKER_DRAIN,
    PROXY_WORKER_HOT_STANDBY,
    PROXY_WORKER_HOT_SPARE,
    PROXY_WORKER_HC_FAIL,
};

class Digest {  // FNV-1a, by Fowler, Noll and Vo
public:
    Digest &operator<<(const char *text)
    {
        for (; *text != '\0'; ++text)
            add(static_cast<unsigned char>(*text));
        add(0);
        return *this;
    }
    Digest &operator<<(std::int64_t number)
    {
        for (int shift = 0; shift < 64; shift += 8)
            add(static_cast<unsigned char>(number >> shift));
        return *this;
    }
    std::uint64_t value() const { return value_; }

private:
    void add(unsigned char byte) { value_ = (value_ ^ byte) * 1099511628211U; }
    std::uint64_t value_ = 14695981039346656037U;
};

std::uint32_t is_on(const Option<std::int64_t> &option) { return option.value_or(0) != 0; }

// What has an effect with a cookie of ours only; it may stand higher up, as the default of others.
void add_insert_settings(sb_settings &settings, const Options &options)
{
    settings.cookie_path = str_of(options.cookie_path.value_or("/"));
    settings.cookie_domain = str_of(options.cookie_domain.value_or(""));
    settings.cookie_http_only = static_cast<std::uint32_t>(options.cookie_http_only.value_or(1));
    settings.cookie_same_site =
        static_cast<std::uint32_t>(options.cookie_same_site.value_or(SB_SAME_SITE_LAX));
    settings.cookie_partitioned = is_on(options.cookie_partitioned);
    settings.cookie_max_age_s = options.cookie_max_age_s.value_or(0);
    settings.cookie_max_idle_s = options.cookie_max_idle_s.value_or(0);
    settings.cookie_max_life_s = options.cookie_max_life_s.value_or(0);
    settings.cookie_preserve = is_on(options.cookie_preserve);
    settings.cookie_post_only = is_on(options.cookie_post_only);
    settings.cookie_no_cache =
        static_cast<std::uint32_t>(options.cookie_no_cache.value_or(SB_NO_CACHE_SKIP));
}

sb_settings settings_of(const Attached &attached)
{
    const auto &b = *attached.balancer->s;
    const auto &options = attached.config.options;
    sb_settings settings{};
    settings.struct_size = sizeof(settings);
    settings.cookie_mode = cookie_mode_of(options, b);
    settings.cookie_name = str_of(cookie_name_of(options, b));
    settings.url_parameter = str_of(b.sticky_path);
    settings.separator = static_cast<unsigned char>(b.sticky_separator);
    settings.semicolon_ends_parameter = b.scolonsep;
    settings.cookie_secure =
        static_cast<std::uint32_t>(options.cookie_secure.value_or(SB_SECURE_AUTO));
    settings.cookie_accept_plain = is_on(options.cookie_accept_plain);
    settings.cookie_indirect = is_on(options.cookie_indirect);
    if (settings.cookie_mode == SB_COOKIE_INSERT)
        add_insert_settings(settings, options);
    if (const auto *file = options.key_file.value_or(nullptr); file != nullptr) {
        settings.cookie_seal =
            static_cast<std::uint32_t>(options.cookie_seal.value_or(SB_SEAL_PLAIN));
        settings.keys = file->keys;
        settings.key_count = file->count;
    }
    settings.balancer_name = str_of(attached.name);
    apr_generate_random_bytes(reinterpret_cast<unsigned char *>(&settings.random),
                              sizeof(settings.random));
    settings.table_expire_us = table_expire_us(options);
    settings.table_refuses = is_on(options.table_full);
    settings.last_resort = b.forcerecovery;
    if (is_our_method(attached.balancer->lbmethod))
        settings.policy = str_of(attached.balancer->lbmethod->name);
    settings.balance_factor = static_cast<std::uint32_t>(options.hash_balance_factor.value_or(0));
    settings.state_bits = kStateBits;
    settings.now_us = apr_time_now();
    settings.is_outdated = is_outdated_child();
    return settings;
}

void add_checks(sb_member &member, const CheckSettings &checks)
{
    if (!checks)
        return;
    member.check_rise = checks.rise;
    member.check_fall = checks.fall;
    member.check_interval_us = checks.interval_us;
    member.check_down_interval_us = checks.down_interval_us;
    member.observe = checks.observe;
}

sb_member member_of(const Attached &attached, proxy_worker &worker, std::uint32_t place)
{
    auto &w = *worker.s;
    static_assert(sizeof(w.status) == sizeof(std::uint32_t) &&
                  sizeof(w.retry) == sizeof(std::int64_t));
    const auto its = member_settings(attached.server, *attached.balancer, worker);
    sb_member member{};
    member.handle = handle_of(&worker);
    member.place = place;
    member.route = str_of(w.route);
    member.redirect = str_of(w.redirect);
    member.weight = static_cast<std::uint32_t>(w.lbfactor);
    member.set = static_cast<std::uint32_t>(w.lbset);
    member.max_sessions = its.max_sessions;
    member.slow_start_us = its.slow_start_us;
    member.failback = static_cast<std::uint32_t>(its.failback.mode);
    member.failback_idle_s = apr_time_sec(its.failback.idle_us);
    member.drain_deadline_us = its.drain_deadline_us;
    member.drain_idle_s = its.drain_idle_s;
    member.learns_not = !its.learns;
    member.max_connections = its.max_connections;
    member.min_connections = its.min_connections;
    member.max_queue = its.max_queue;
    member.queue_timeout_us = its.queue_timeout_us;
    if (attached.elects())
        add_checks(member, check_settings(attached.server, *attached.balancer, worker));
    member.state = &w.status;
    member.failed_at_us = &w.error_time;
    member.retry_us = &w.retry;
    return member;
}

const PersistenceKey *hash_key_of(const Attached &attached)
{
    if (std::strcmp(attached.balancer->lbmethod->name, "hash") != 0)
        return nullptr;
    return attached.config.options.hash_key.value_or(&default_persistence_key);
}

}  // namespace

bool is_outdated_child()
{
    int generation = 0;
    return ap_scoreboard_image != nullptr &&
           ap_mpm_query(AP_MPMQ_GENERATION, &generation) == APR_SUCCESS &&
           generation != ap_scoreboard_image->global->running_generation;
}

std::uint64_t digest_of(const proxy_balancer &balancer)
{
    const auto &b = *balancer.s;
    Digest digest;
    digest << b.sticky << b.sticky_path << b.sticky_separator << b.sticky_force << b.scolonsep
           << b.forcerecovery << balancer.lbmethod->name;
    const auto members = members_of(balancer);
    digest << static_cast<std::int64_t>(members.size());
    for (const auto *member : members) {
        const auto &w = *member->s;
        digest << w.route << w.redirect << w.lbfactor << w.lbset
               << (w.status &
                   (PROXY_WORKER_HOT_STANDBY | PROXY_WORKER_HOT_SPARE | PROXY_WORKER_FREE));
    }
    return digest.value();
}

sb_status configure_locked(Attached &attached, apr_pool_t *pool)
{
    drop_copies(attached);
    auto settings = settings_of(attached);
    attached.hash_key.store(hash_key_of(attached), std::memory_order_release);
    settings.generation = sb_balancer_generation(attached.core);
    attached.seen_members_at = attached.balancer->wupdated;
    attached.seen_digest = digest_of(*attached.balancer);
    const auto workers = members_of(*attached.balancer);
    auto *members =
        static_cast<sb_member *>(apr_palloc(pool, (workers.size() + 1) * sizeof(sb_member)));
    std::size_t count = 0;
    bool keeps_some = false, observes = false;
    for (auto *worker : workers)
        if (std::uint32_t place = kNoPlace;
            !is_removed(*worker) && find_place(attached, *worker, place)) {
            members[count] = member_of(attached, *worker, place);
            keeps_some |= members[count].max_sessions != 0 || members[count].weight == 0;
            observes |= members[count].observe != 0;
            ++count;
        }
    attached.observes_requests.store(observes, std::memory_order_relaxed);
    attached.keeps_some_from_new_clients.store(keeps_some, std::memory_order_relaxed);
    return sb_balancer_configure(attached.core, &settings, members, count);
}

std::int64_t table_size_of(const Options &options)
{
    constexpr std::int64_t kTableSize = 100 << 10;
    return options.table_size.value_or(kTableSize);
}

std::int64_t table_expire_us(const Options &options)
{
    return options.table_expire_us.value_or(apr_time_from_sec(1800));
}

const char *cookie_name_of(const Options &options, const proxy_balancer_shared &shared)
{
    return options.cookie_name.value_or(*shared.sticky != '\0' ? shared.sticky : "ROUTEID");
}

sb_cookie_mode cookie_mode_of(const Options &options, const proxy_balancer_shared &shared)
{
    const auto fallback = *shared.sticky != '\0' ? SB_COOKIE_PASSIVE : SB_COOKIE_OFF;
    return static_cast<sb_cookie_mode>(options.cookie_mode.value_or(fallback));
}

}  // namespace stickybalancer
