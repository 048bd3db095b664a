// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_settings.hpp"

#include <cstring>
#include <new>

#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_names.hpp"

namespace stickybalancer {
namespace {

constexpr std::int64_t kQueueTimeout_us = apr_time_from_sec(60);

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
        "maxsessions=%u slowstart=%dms source=%s failback=%s nolearn=%s "
        "draindeadline=%" APR_INT64_T_FMT "s drainidle=%" APR_INT64_T_FMT "s",
        settings.label, settings.weight ? apr_psprintf(pool, "%u", *settings.weight) : "loadfactor",
        settings.max_connections, settings.min_connections, settings.max_queue,
        ms_of(settings.queue_timeout_us), settings.max_sessions, ms_of(settings.slow_start_us),
        *settings.source != '\0' ? settings.source : "none", text_of(pool, settings.failback),
        settings.learns ? "off" : "on", apr_time_sec(settings.drain_deadline_us),
        settings.drain_idle_s);
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
    settings.source = options.member_source.value_or("");
    if (options.member_weight.is_set)
        settings.weight = count_of(options.member_weight);
    settings.max_connections = count_of(options.member_max_connections);
    settings.min_connections = count_of(options.member_min_connections);
    settings.max_queue = count_of(options.member_max_queue);
    settings.max_sessions = count_of(options.member_max_sessions);
    settings.queue_timeout_us = options.member_queue_timeout_us.value_or(kQueueTimeout_us);
    settings.slow_start_us = options.member_slow_start_us.value_or(0);
    settings.drain_deadline_us = options.member_drain_deadline_us.value_or(0);
    settings.drain_idle_s = options.member_drain_idle_s.value_or(0);
    if (options.member_failback.is_set)
        settings.failback = *options.member_failback.value;
    settings.learns = options.member_no_learn.value_or(0) == 0;
    return settings;
}

MemberLines::MemberLines(apr_pool_t *pool, const ServerConfig &server,
                         const proxy_balancer &balancer)
    : lines_(apr_array_make(pool, 4, sizeof(MemberLine))), named_(apr_hash_make(pool))
{
    const auto add_line = [&](const Options &options, const Section &section,
                              const proxy_worker *member) {
        add(pool, {&options, &section, member, std::strcmp(options.member_name.value, "*") == 0});
    };
    each_line_of_members(pool, server, balancer, &Section::member_lines, &Options::member_name,
                         add_line);
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
                log<message::member_settings>(s, balancer.s->name, names.name(*member),
                                              text_of(pool, lines.settings_of(*member)));
        }
    }
}

}  // namespace stickybalancer
