// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_settings.hpp"

#include <apr_uri.h>

#include <cstring>
#include <new>

#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

constexpr std::int64_t kQueueTimeout_us = apr_time_from_sec(60);
constexpr int kMostNames = 16;

// "http://host:80/path" whatever way it was written; as it is where that has no host.
const char *plain_url(apr_pool_t *pool, const char *url, const char **place)
{
    apr_uri_t uri;
    *place = nullptr;
    if (apr_uri_parse(pool, url, &uri) != APR_SUCCESS || uri.scheme == nullptr ||
        uri.hostname == nullptr)
        return url;
    ap_str_tolower(uri.scheme);
    ap_str_tolower(uri.hostname);
    const int port = uri.port_str != nullptr ? uri.port : ap_proxy_port_of_scheme(uri.scheme);
    const bool is_ipv6 = std::strchr(uri.hostname, ':') != nullptr;
    *place = apr_psprintf(pool, is_ipv6 ? "[%s]:%d" : "%s:%d", uri.hostname, port);
    char *path = apr_pstrdup(pool, uri.path != nullptr ? uri.path : "");
    if (const auto length = std::strlen(path); length != 0 && path[length - 1] == '/')
        path[length - 1] = '\0';
    return apr_pstrcat(pool, uri.scheme, "://", *place, path, nullptr);
}

// All that a line may call a member.
class MemberNames {
public:
    MemberNames(apr_pool_t *pool, const proxy_balancer &balancer)
        : pool_(pool),
          routes_(apr_hash_make(pool)),
          places_(apr_hash_make(pool)),
          shared_places_(apr_hash_make(pool))
    {
        for (const auto *member : members_of(balancer))
            if (*member->s->route != '\0' && find(routes_, member->s->route) == nullptr)
                add(routes_, member->s->route, member);
        add_numbered_routes(balancer);
        for (auto *member : members_of(balancer)) {
            const char *place = nullptr;
            add(places_, plain_url(pool, ap_proxy_worker_name(pool, member), &place), member);
            if (place == nullptr)
                continue;
            if (find(places_, place) != nullptr)
                add(shared_places_, place, member);
            add(places_, place, member);
        }
    }

    // Null: nobody, or one of several.
    const proxy_worker *member(const char *name) const
    {
        const auto *found = find(routes_, name);
        const char *place = nullptr;
        if (found == nullptr && std::strstr(name, "://") != nullptr)
            found = find(places_, plain_url(pool_, name, &place));
        if (found == nullptr) {
            char *lower = apr_pstrdup(pool_, name);
            ap_str_tolower(lower);
            found = find(shared_places_, lower) == nullptr ? find(places_, lower) : nullptr;
        }
        return found;
    }

    // What logs call it.
    const char *shown(const proxy_worker &member) const
    {
        const char *name = *member.s->route != '\0' ? member.s->route : nullptr;
        for (int number = 2; name != nullptr && find(routes_, name) != &member; ++number)
            name = number <= kMostNames ? apr_psprintf(pool_, "%s:%d", member.s->route, number)
                                        : nullptr;
        if (name == nullptr)
            plain_url(pool_, ap_proxy_worker_name(pool_, const_cast<proxy_worker *>(&member)),
                      &name);
        return name != nullptr ? name : member.s->name_ex;
    }

private:
    // A route that reads like one of these is that route.
    void add_numbered_routes(const proxy_balancer &balancer)
    {
        auto *counts = apr_hash_make(pool_);  // of int
        for (const auto *member : members_of(balancer)) {
            const char *route = member->s->route;
            auto *count = static_cast<int *>(apr_hash_get(counts, route, APR_HASH_KEY_STRING));
            if (count == nullptr) {
                count = static_cast<int *>(apr_pcalloc(pool_, sizeof(int)));
                apr_hash_set(counts, route, APR_HASH_KEY_STRING, count);
            }
            const char *name = apr_psprintf(pool_, "%s:%d", route, ++*count);
            if (*count > 1 && *route != '\0' && find(routes_, name) == nullptr)
                add(routes_, name, member);
        }
    }

    static const proxy_worker *find(apr_hash_t *names, const char *name)
    {
        return static_cast<const proxy_worker *>(apr_hash_get(names, name, APR_HASH_KEY_STRING));
    }
    static void add(apr_hash_t *names, const char *name, const proxy_worker *member)
    {
        apr_hash_set(names, name, APR_HASH_KEY_STRING, member);
    }

    apr_pool_t *pool_;
    apr_hash_t *routes_;
    apr_hash_t *places_;         // HOST:PORT and URL
    apr_hash_t *shared_places_;  // HOST:PORT of several members
};

int ms_of(std::int64_t us) { return static_cast<int>(apr_time_as_msec(us)); }

const char *text_of(apr_pool_t *pool, const Failback &failback)
{
    switch (failback.mode) {
    case FailbackMode::kNever: return "never";
    case FailbackMode::kImmediate: return "immediate";
    case FailbackMode::kIdle:
        return apr_psprintf(pool, "idle:%" APR_INT64_T_FMT "ms",
                            apr_time_as_msec(failback.idle_us));
    }
    return "";
}

const char *text_of(apr_pool_t *pool, const MemberSettings &settings)
{
    return apr_psprintf(
        pool,
        "label='%s' weight=%s maxconn=%u minconn=%u maxqueue=%u queuetimeout=%dms "
        "maxsessions=%u slowstart=%dms failback=%s nolearn=%s",
        settings.label, settings.weight ? apr_psprintf(pool, "%u", *settings.weight) : "loadfactor",
        settings.max_connections, settings.min_connections, settings.max_queue,
        ms_of(settings.queue_timeout_us), settings.max_sessions, ms_of(settings.slow_start_us),
        text_of(pool, settings.failback), settings.learns ? "off" : "on");
}

std::uint32_t count_of(const Option<std::int64_t> &option)
{
    return static_cast<std::uint32_t>(option.value_or(0));
}

}  // namespace

MemberSettings settings_in(const Options &options)
{
    MemberSettings settings{};
    settings.label = options.member_label.value_or("");
    if (options.member_weight.is_set)
        settings.weight = count_of(options.member_weight);
    settings.max_connections = count_of(options.member_max_connections);
    settings.min_connections = count_of(options.member_min_connections);
    settings.max_queue = count_of(options.member_max_queue);
    settings.max_sessions = count_of(options.member_max_sessions);
    settings.queue_timeout_us = options.member_queue_timeout_us.value_or(kQueueTimeout_us);
    settings.slow_start_us = options.member_slow_start_us.value_or(0);
    if (options.member_failback.is_set)
        settings.failback = *options.member_failback.value;
    settings.learns = options.member_no_learn.value_or(0) == 0;
    return settings;
}

MemberLines::MemberLines(apr_pool_t *pool, const ServerConfig &server,
                         const proxy_balancer &balancer)
    : lines_(apr_array_make(pool, 4, sizeof(MemberLine))), named_(apr_hash_make(pool))
{
    // A balancer without lines costs nothing, and with them the names are forgotten afterwards.
    apr_pool_t *names_pool = nullptr;
    std::optional<MemberNames> names;
    for (int i = 0; i < server.sections->nelts; ++i) {
        const auto *section = APR_ARRAY_IDX(server.sections, i, const Section *);
        if (ap_cstr_casecmp(section->name, balancer.s->name) != 0)
            continue;
        for (int j = 0; j < section->member_lines->nelts; ++j) {
            const auto *options = APR_ARRAY_IDX(section->member_lines, j, const Options *);
            const char *name = options->member_name.value;
            if (!names) {
                apr_pool_create(&names_pool, pool);
                names.emplace(names_pool, balancer);
            }
            add(pool, {options, section, names->member(name), std::strcmp(name, "*") == 0});
        }
    }
    if (names_pool != nullptr)
        apr_pool_destroy(names_pool);
}

void MemberLines::add(apr_pool_t *pool, const MemberLine &line)
{
    APR_ARRAY_PUSH(lines_, MemberLine) = line;
    if (line.is_for_all) {
        for_all_ = merged(for_all_, *line.options);
    } else if (line.member != nullptr) {
        auto *named = static_cast<Named *>(apr_hash_get(named_, &line.member, sizeof(line.member)));
        if (named == nullptr) {
            named = new (apr_palloc(pool, sizeof(Named))) Named{line.member, {}};
            apr_hash_set(named_, &named->member, sizeof(named->member), named);
        }
        named->options = merged(named->options, *line.options);
    }
}

Options MemberLines::options_of(const proxy_worker &member) const
{
    const auto *address = &member;
    const auto *named = static_cast<const Named *>(apr_hash_get(named_, &address, sizeof(address)));
    return named != nullptr ? merged(for_all_, named->options) : for_all_;
}

void resolve_member_lines(apr_pool_t *pconf, server_rec *main_server)
{
    auto *all = apr_hash_make(pconf);
    for (auto *s = main_server; s != nullptr; s = s->next) {
        config_of(s).members = all;
        for (const auto &balancer : balancers_of(s))
            if (apr_hash_get(all, &balancer.workers, sizeof(balancer.workers)) == nullptr)
                apr_hash_set(all, &balancer.workers, sizeof(balancer.workers),
                             new (apr_palloc(pconf, sizeof(MemberLines)))
                                 MemberLines(pconf, config_of(s), balancer));
    }
}

const MemberLines &member_lines_of(const server_rec *s, const proxy_balancer &balancer)
{
    return *static_cast<const MemberLines *>(
        apr_hash_get(config_of(s).members, &balancer.workers, sizeof(balancer.workers)));
}

const char *names_of_members(apr_pool_t *pool, const proxy_balancer &balancer)
{
    const MemberNames names(pool, balancer);
    const char *all = "";
    int count = 0;
    for (const auto *member : members_of(balancer)) {
        if (++count > kMostNames)
            return apr_psprintf(pool, "%s and %d more", all, balancer.workers->nelts - kMostNames);
        all = apr_pstrcat(pool, all, count > 1 ? ", " : "", names.shown(*member), nullptr);
    }
    return *all != '\0' ? all : "none";
}

void log_member_settings(apr_pool_t *pool, const server_rec *main_server)
{
    if (!is_logged(main_server, message::member_settings))
        return;
    auto *seen = apr_hash_make(pool);
    for (auto *s = main_server; s != nullptr; s = s->next) {
        for (const auto &balancer : balancers_of(s)) {
            const auto &lines = member_lines_of(s, balancer);
            if (apr_hash_get(seen, &balancer.workers, sizeof(balancer.workers)) != nullptr ||
                lines.count() == 0 || !effective_config(config_of(s), balancer.s->name).elects)
                continue;
            apr_hash_set(seen, &balancer.workers, sizeof(balancer.workers), &balancer);
            const MemberNames names(pool, balancer);
            for (const auto *member : members_of(balancer))
                log<message::member_settings>(s, balancer.s->name, names.shown(*member),
                                              text_of(pool, lines.settings_of(*member)));
        }
    }
}

}  // namespace stickybalancer
