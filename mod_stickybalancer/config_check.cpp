// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/config_check.hpp"

#include <apr_hash.h>

#include <cstring>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/cookie_check.hpp"
#include "mod_stickybalancer/lbmethods.hpp"
#include "mod_stickybalancer/health_check.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_check.hpp"
#include "mod_stickybalancer/monitor_check.hpp"
#include "mod_stickybalancer/session_check.hpp"
#include "mod_stickybalancer/source_check.hpp"
#include "mod_stickybalancer/state_directory.hpp"
#include "mod_stickybalancer/when_down.hpp"

namespace stickybalancer {
namespace {

const char *joined(apr_pool_t *pool, const char *list, const char *word)
{
    return *list == '\0' ? word : apr_pstrcat(pool, list, ", ", word, nullptr);
}

const char *or_none(const char *list) { return *list == '\0' ? "none" : list; }

class Checker {
public:
    Checker(apr_pool_t *pool, server_rec *main_server, const ConfigTree &tree, Saying saying)
        : pool_(pool),
          main_(main_server),
          tree_(tree),
          is_start_(saying == Saying::kAtStart),
          warns_(saying != Saying::kErrors)
    {
    }

    bool check()
    {
        if (warns_)
            warn_of_monitors(main_);
        if (!is_start_)
            is_good_ &= check_monitors(main_);
        if (!any_of_ours())
            return is_good_;
        if (ap_find_linked_module("mod_proxy_balancer.c") == nullptr) {
            is_good_ = false;
            log<message::no_mod_proxy_balancer>(main_);
        }
        if (!is_start_) {
            check_default_state_directory();
            is_good_ &= check_places_of_member_lines(main_);
            is_good_ &= check_places_of_tables(main_);
            is_good_ &= check_places_of_check_lines(main_);
        }
        check_mentions();
        check_sections();
        if (warns_)
            check_shared_cookies(pool_, main_);
        check_route_cookies();
        for_each_balancer(
            [this](server_rec *s, const proxy_balancer &balancer) { check_balancer(s, balancer); });
        return is_good_;
    }

private:
    // A balancer that several servers inherit is looked at once.
    template <typename Function>
    void for_each_balancer(Function &&function) const
    {
        auto *seen = apr_hash_make(pool_);
        for (auto *s = main_; s != nullptr; s = s->next) {
            for (const auto &balancer : balancers_of(s)) {
                if (apr_hash_get(seen, &balancer.workers, sizeof(balancer.workers)) != nullptr)
                    continue;
                apr_hash_set(seen, &balancer.workers, sizeof(balancer.workers), &balancer);
                function(s, balancer);
            }
        }
    }

    static bool can_have_members(const proxy_balancer &balancer)
    {
        return balancer.workers->nelts > 0 || balancer.growth > 0;
    }

    bool any_of_ours() const
    {
        bool found = false;
        for (auto *s = main_; s != nullptr; s = s->next)
            found |=
                config_of(s).sections->nelts > 0 || config_of(s).options.elects.value_or(0) != 0;
        return found;
    }

    const char *names_of_balancers(bool with_members) const
    {
        const char *names = "";
        for_each_balancer([&](server_rec *, const proxy_balancer &balancer) {
            if (!with_members || can_have_members(balancer))
                names = joined(pool_, names, balancer.s->name);
        });
        return or_none(names);
    }

    bool is_defined(const char *name, bool with_members) const
    {
        bool found = false;
        for_each_balancer([&](server_rec *, const proxy_balancer &balancer) {
            found |= std::strcmp(balancer.s->name, name) == 0 &&
                     (!with_members || can_have_members(balancer));
        });
        return found;
    }

    void check_mentions()
    {
        for (int i = 0; i < tree_.mentions->nelts; ++i) {
            const auto &mention = APR_ARRAY_IDX(tree_.mentions, i, BalancerMention);
            if (mention.stickysession != nullptr &&
                std::strlen(mention.stickysession) >= PROXY_BALANCER_MAX_STICKY_SIZE) {
                is_good_ = false;
                log<message::name_too_long>(main_, mention.file, mention.line,
                                            mention.stickysession,
                                            PROXY_BALANCER_MAX_STICKY_SIZE - 1);
            }
            if (warns_ && mention.sends_requests && !is_defined(mention.balancer, true))
                log<message::undefined_balancer>(main_, mention.file, mention.line,
                                                 mention.directive, mention.balancer,
                                                 names_of_balancers(true));
        }
    }

    void check_sections()
    {
        for (const auto *s = main_; s != nullptr; s = s->next) {
            const auto *sections = config_of(s).sections;
            for (int i = 0; i < sections->nelts; ++i) {
                const auto &section = *APR_ARRAY_IDX(sections, i, const Section *);
                if ((s != main_ && has_section(config_of(main_), section)) ||
                    is_defined(section.name, false))
                    continue;
                is_good_ = false;
                log<message::section_without_balancer>(s, section.file, section.line, "<Proxy>",
                                                       section.name, names_of_balancers(false));
            }
        }
    }

    void check_route_cookies()
    {
        for (int i = 0; warns_ && i < tree_.route_cookies->nelts; ++i) {
            const auto &cookie = APR_ARRAY_IDX(tree_.route_cookies, i, RouteCookie);
            const char *names = "";
            bool is_read = false;
            for_each_balancer([&](server_rec *s, const proxy_balancer &balancer) {
                const auto effective = effective_config(config_of(s), balancer.s->name);
                const char *name = effective.elects ? cookie_name_of(effective.options, *balancer.s)
                                                    : balancer.s->sticky;
                is_read |= std::strcmp(name, cookie.name) == 0;
                if (*name != '\0')
                    names = joined(pool_, names, name);
            });
            if (!is_read)
                log<message::unread_cookie>(main_, cookie.file, cookie.line, cookie.name,
                                            or_none(names));
        }
    }

    void check_balancer(server_rec *s, const proxy_balancer &balancer)
    {
        const auto effective = effective_config(config_of(s), balancer.s->name);
        const auto &options = effective.options;
        if (!effective.elects)
            return;
        if (warns_ && !can_have_members(balancer) && !is_mentioned_in_vain(balancer.s->name))
            log<message::no_members>(s, options.file, options.line, balancer.s->name);
        is_good_ &= check_cookie(pool_, s, balancer, options, warns_);
        is_good_ &= check_sessions(pool_, main_, s, balancer, warns_);
        const auto &lines = member_lines_of(s, balancer);
        if (!is_start_) {
            is_good_ &= check_members(pool_, main_, s, balancer, lines);
            is_good_ &= check_sources(s, balancer, lines);
        }
        is_good_ &= check_checks(pool_, main_, s, balancer, warns_);
        if (warns_)
            warn_of_sources(pool_, s, lines);
        if (contradicts_nofailover(options, *balancer.s))
            complain_of_contradiction(s, balancer, effective);
        if (warns_ && options.hash_key.is_set)
            check_hash(s, balancer, *options.hash_key.value);
    }

    void complain_of_contradiction(server_rec *s, const proxy_balancer &balancer,
                                   const Effective &effective)
    {
        const auto &options = effective.options;
        const auto *line = effective.section->line_of("StickyWhenDown");
        is_good_ = false;
        log<message::when_down_contradicts>(
            s, line != nullptr ? line->filename : options.file,
            line != nullptr ? line->line_num : options.line,
            options.when_down.value == static_cast<int>(WhenDownPolicy::kPersist) ? "persist"
                                                                                  : "redispatch",
            balancer.s->name);
    }

    void check_hash(server_rec *s, const proxy_balancer &balancer, const PersistenceKey &key)
    {
        const char *chosen = chosen_method(tree_, main_, s, balancer);
        const char *method = chosen != nullptr ? chosen : kDefaultMethod;
        if (std::strcmp(method, "hash") != 0)
            log<message::hash_without_effect>(s, key.file, key.line, balancer.s->name, method);
    }

    // One that is named was checked where it is.
    void check_default_state_directory()
    {
        const auto &options = config_of(main_).options;
        const char *path = state_directory_of(pool_, options).path;
        const char *wrong = options.state_directory.is_set || path == nullptr
                                ? nullptr
                                : unfit_state_directory(pool_, path);
        if (wrong == nullptr)
            return;
        is_good_ = false;
        log<message::state_directory_unfit>(main_, wrong);
    }

    // Then check_mentions() has said so, with the place.
    bool is_mentioned_in_vain(const char *name) const
    {
        for (int i = 0; i < tree_.mentions->nelts; ++i) {
            const auto &mention = APR_ARRAY_IDX(tree_.mentions, i, BalancerMention);
            if (mention.sends_requests && std::strcmp(mention.balancer, name) == 0)
                return true;
        }
        return false;
    }

    apr_pool_t *pool_;
    server_rec *main_;
    const ConfigTree &tree_;
    bool is_start_;
    bool warns_;
    bool is_good_ = true;
};

}  // namespace

bool check_configuration(apr_pool_t *pool, server_rec *main_server, const ConfigTree &tree,
                         Saying saying)
{
    return Checker(pool, main_server, tree, saying).check();
}

}  // namespace stickybalancer
