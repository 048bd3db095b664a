// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_lines.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "mod_stickybalancer/member_names.hpp"
#include "mod_stickybalancer/member_scheme.hpp"

namespace stickybalancer {
namespace {

constexpr std::int64_t kInterval_us = 2'000'000;
constexpr std::int64_t kLongestTimeout_us = 60'000'000;

CheckSettings settings_in(const Options &line)
{
    const auto kind = static_cast<CheckKind>(line.check_kind.value_or(0));
    const auto interval_us = line.check_interval_us.value_or(kInterval_us);
    CheckSettings settings{};
    settings.kind = kind;
    settings.match = line.check_match.value_or(nullptr);
    settings.method = line.check_method.value_or(settings.match != nullptr ? "GET" : "HEAD");
    settings.uri = line.check_uri.value_or("/");
    settings.host = line.check_host.value_or(nullptr);
    if (line.check_headers.is_set)
        settings.headers = line.check_headers.value->lines;
    settings.is_http_1_0 = line.check_http_version.value_or(11) == 10;
    settings.port = static_cast<int>(line.check_port.value_or(0));
    settings.interval_us = interval_us;
    settings.down_interval_us = line.check_down_interval_us.value_or(interval_us);
    settings.timeout_us = line.check_timeout_us.value_or(std::min(interval_us, kLongestTimeout_us));
    settings.rise = static_cast<std::uint32_t>(line.check_rise.value_or(2));
    settings.fall = static_cast<std::uint32_t>(line.check_fall.value_or(3));
    settings.observe = static_cast<std::uint32_t>(line.check_observe.value_or(0));
    settings.expect = line.check_expect.value_or(nullptr);
    settings.drain_on = line.check_drain_on.value_or(nullptr);
    settings.source = line.check_source.value_or(nullptr);
    return settings;
}

}  // namespace

bool CheckSettings::expects(std::uint32_t status) const
{
    return expect != nullptr ? sb_lists_status(expect, status) != 0 : status >= 200 && status < 400;
}

const char *text_of(apr_pool_t *pool, const CheckSettings &settings)
{
    switch (settings.kind) {
    case CheckKind::kHttp: return apr_pstrcat(pool, settings.method, " ", settings.uri, nullptr);
    case CheckKind::kTls: return "tls";
    default: return "tcp";
    }
}

CheckLines::CheckLines(apr_pool_t *pool, const ServerConfig &server, const proxy_balancer &balancer)
    : lines_(apr_array_make(pool, 2, sizeof(CheckLine))), named_(apr_hash_make(pool))
{
    const auto add = [&](const Options &options, const Section &section,
                         const proxy_worker *member) {
        const CheckLine line{&options, &section, member};
        if (line.name() == nullptr)
            general_ = line.options;
        else if (member != nullptr)
            apr_hash_set(named_, apr_pmemdup(pool, &member, sizeof(member)), sizeof(member),
                         line.options);
        APR_ARRAY_PUSH(lines_, CheckLine) = line;
    };
    each_line_of_members(pool, server, balancer, &Section::check_lines, &Options::check_member,
                         add);
}

const Options *CheckLines::line_of(const proxy_worker &member) const
{
    const auto *address = &member;
    const auto *named =
        static_cast<const Options *>(apr_hash_get(named_, &address, sizeof(address)));
    return named != nullptr ? named : general_;
}

CheckSettings CheckLines::settings_of(const proxy_worker &member) const
{
    const auto *line = line_of(member);
    return line != nullptr ? settings_in(*line) : CheckSettings{};
}

const char *unfit_check(const CheckSettings &settings, const proxy_worker &member)
{
    const bool has_own_port = settings.port != 0;
    if (settings.kind == CheckKind::kHttp && !speaks_http(member) && !has_own_port)
        return "it does not speak HTTP; use tcp, or name a port that does with port=";
    if (settings.kind == CheckKind::kTls && !speaks_tls(member) && !has_own_port)
        return "it does not speak TLS; use tcp, or name a port that does with port=";
    if (settings.kind != CheckKind::kOff && *member.s->uds_path != '\0' && has_own_port)
        return "it is a socket in the file system and has no ports; leave port= out";
    return nullptr;
}

const char *check_check_line(const cmd_parms *cmd, const Options &line)
{
    if (line.check_match.is_set && line.check_method.is_set &&
        std::strcmp(line.check_method.value, "HEAD") == 0)
        return "StickyCheck: match= looks at the body of the answer, and one to method=HEAD has "
               "none; use method=GET (default GET with match=)";
    const auto settings = settings_in(line);
    for (std::uint32_t status = 100; settings.drain_on != nullptr && status < 600; ++status)
        if (sb_lists_status(settings.drain_on, status) != 0 && settings.expects(status))
            return apr_psprintf(cmd->pool,
                                "StickyCheck: %d is in expect=%s and in drain-on=; a member that "
                                "answers it is either ready or draining, take it out of one",
                                static_cast<int>(status),
                                settings.expect == nullptr ? " (default 200-399)" : "");
    return nullptr;
}

void resolve_check_lines(apr_pool_t *pconf, server_rec *main_server)
{
    auto *all = apr_hash_make(pconf);
    for (auto *s = main_server; s != nullptr; s = s->next) {
        config_of(s).checks = all;
        for (const auto &balancer : balancers_of(s))
            if (apr_hash_get(all, &balancer.workers, sizeof(balancer.workers)) == nullptr)
                apr_hash_set(all, &balancer.workers, sizeof(balancer.workers),
                             new (apr_palloc(pconf, sizeof(CheckLines)))
                                 CheckLines(pconf, config_of(s), balancer));
    }
}

const CheckLines &check_lines_of(const server_rec *s, const proxy_balancer &balancer)
{
    return *static_cast<const CheckLines *>(
        apr_hash_get(config_of(s).checks, &balancer.workers, sizeof(balancer.workers)));
}

CheckSettings check_settings(const server_rec *s, const proxy_balancer &balancer,
                             const proxy_worker &member)
{
    const auto settings = check_lines_of(s, balancer).settings_of(member);
    return unfit_check(settings, member) == nullptr ? settings : CheckSettings{};
}

}  // namespace stickybalancer
