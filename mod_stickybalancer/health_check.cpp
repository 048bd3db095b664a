// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_check.hpp"

#include <algorithm>

#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_names.hpp"
#include "mod_stickybalancer/source_check.hpp"

namespace stickybalancer {
namespace {

int ms_of(std::int64_t us) { return static_cast<int>(std::min<std::int64_t>(us / 1000, 1 << 30)); }

class CheckChecker {
public:
    CheckChecker(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                 const proxy_balancer &balancer, bool warns)
        : pool_(pool),
          main_(main_server),
          s_(s),
          balancer_(balancer),
          lines_(check_lines_of(s, balancer)),
          warns_(warns)
    {
    }

    bool check()
    {
        for (int i = 0; i < lines_.count(); ++i)
            check_line(i);
        check_watchdog();
        for (const auto *member : members_of(balancer_))
            if (const auto *line = lines_.line_of(*member); line != nullptr)
                check_member(*member, *line);
        return is_good_;
    }

private:
    void check_line(int i)
    {
        const auto &line = lines_[i];
        const auto &options = *line.options;
        if (line.name() != nullptr && line.member == nullptr) {
            if (!is_meant_for_another(line))
                complain_of_name(line);
            return;
        }
        for (int j = 0; j < i; ++j)
            if (lines_[j].section == line.section && lines_[j].member == line.member &&
                (lines_[j].name() == nullptr) == (line.name() == nullptr))
                complain_of_two(line, *lines_[j].options);
        const auto interval_us = options.check_interval_us.value_or(2'000'000);
        const auto longest_us =
            std::min(interval_us, options.check_down_interval_us.value_or(interval_us));
        if (const auto timeout_us = options.check_timeout_us.value_or(0);
            warns_ && timeout_us > longest_us)
            log<message::check_timeout_long>(s_, options.file, options.line, balancer_.s->name,
                                             ms_of(timeout_us), ms_of(longest_us));
        if (const auto &source = options.check_source;
            warns_ && source.is_set && !is_of_this_machine(pool_, source.value))
            log<message::check_source_elsewhere>(s_, options.file, options.line, balancer_.s->name,
                                                 source.value);
    }

    // A section of the main server is for the balancers of its name in all virtual hosts.
    bool is_meant_for_another(const CheckLine &line) const
    {
        for (auto *s = has_section(config_of(main_), *line.section) ? main_ : nullptr; s != nullptr;
             s = s->next)
            for (const auto &other : balancers_of(s)) {
                const auto &lines = check_lines_of(s, other);
                for (int i = 0; i < lines.count(); ++i)
                    if (lines[i].options == line.options && lines[i].member != nullptr)
                        return true;
            }
        return false;
    }

    void complain_of_name(const CheckLine &line)
    {
        is_good_ = false;
        log<message::check_member_unknown>(s_, line.options->file, line.options->line, line.name(),
                                           balancer_.s->name, names_of_members(pool_, balancer_));
    }

    void complain_of_two(const CheckLine &line, const Options &earlier)
    {
        const char *who = line.name() != nullptr
                              ? apr_pstrcat(pool_, "member=", line.name(), nullptr)
                              : "the members";
        is_good_ = false;
        log<message::checked_twice>(
            s_, line.options->file, line.options->line, who,
            apr_pstrcat(pool_, balancer_.s->name, line.name() != nullptr ? " is" : " are", nullptr),
            earlier.file, earlier.line);
    }

    void check_watchdog()
    {
        for (int i = 0; i < lines_.count(); ++i) {
            const auto &options = *lines_[i].options;
            if (options.check_kind.value_or(0) == 0 ||
                ap_find_linked_module("mod_watchdog.c") != nullptr)
                continue;
            is_good_ = false;
            log<message::check_needs_watchdog>(s_, options.file, options.line, balancer_.s->name);
            return;
        }
    }

    void check_member(const proxy_worker &member, const Options &line)
    {
        const auto settings = lines_.settings_of(member);
        if (!settings)
            return;
        const char *name = ap_proxy_worker_name(pool_, const_cast<proxy_worker *>(&member));
        if (const char *why = unfit_check(settings, member); why != nullptr) {
            is_good_ = false;
            log<message::check_unfit>(s_, line.file, line.line, word_of(settings.kind), name,
                                      balancer_.s->name, why);
        }
        const char *wrong =
            settings.source != nullptr ? obstacle_from(settings.source, member) : nullptr;
        if (wrong != nullptr) {
            is_good_ = false;
            log<message::check_source_unfit>(s_, line.file, line.line, settings.source, name,
                                             balancer_.s->name, wrong);
        }
        if (warns_ && member.s->method != NONE)
            log<message::checked_by_hcheck>(s_, line.file, line.line, name, balancer_.s->name);
    }

    static const char *word_of(CheckKind kind)
    {
        return kind == CheckKind::kHttp ? "http" : kind == CheckKind::kTls ? "tls" : "tcp";
    }

    apr_pool_t *pool_;
    const server_rec *main_;
    const server_rec *s_;
    const proxy_balancer &balancer_;
    const CheckLines &lines_;
    bool warns_;
    bool is_good_ = true;
};

bool is_of_main_server(const server_rec *main_server, const Section &section)
{
    if (has_section(config_of(main_server), section))
        return false;
    const auto balancers = balancers_of(main_server);
    return std::any_of(balancers.begin(), balancers.end(), [&](const proxy_balancer &balancer) {
        return ap_cstr_casecmp(balancer.s->name, section.name) == 0;
    });
}

}  // namespace

bool check_checks(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                  const proxy_balancer &balancer, bool warns)
{
    return CheckChecker(pool, main_server, s, balancer, warns).check();
}

bool check_places_of_check_lines(const server_rec *main_server)
{
    bool is_good = true;
    for (const auto *s = main_server->next; s != nullptr; s = s->next) {
        const auto *sections = config_of(s).sections;
        for (int i = 0; i < sections->nelts; ++i) {
            const auto &section = *APR_ARRAY_IDX(sections, i, const Section *);
            if (section.check_lines->nelts == 0 || !is_of_main_server(main_server, section))
                continue;
            const auto &line = *APR_ARRAY_IDX(section.check_lines, 0, const Options *);
            is_good = false;
            log<message::check_of_main_server>(s, line.file, line.line, section.name);
        }
    }
    return is_good;
}

}  // namespace stickybalancer
