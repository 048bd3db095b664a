// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/config_check.hpp"

#include <apr_hash.h>

#include <cstring>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/log.hpp"

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
        : pool_(pool), main_(main_server), tree_(tree), warns_(saying == Saying::kErrorsAndWarnings)
    {
    }

    bool check()
    {
        if (!any_of_ours())
            return true;
        if (ap_find_linked_module("mod_proxy_balancer.c") == nullptr) {
            is_good_ = false;
            log<message::no_mod_proxy_balancer>(main_);
        }
        check_mentions();
        check_sections();
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
            auto *conf = static_cast<proxy_server_conf *>(
                ap_get_module_config(s->module_config, &proxy_module));
            for (int i = 0; i < conf->balancers->nelts; ++i) {
                const auto &balancer =
                    reinterpret_cast<const proxy_balancer *>(conf->balancers->elts)[i];
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
                if ((s != main_ && is_inherited(section)) || is_defined(section.name, false))
                    continue;
                is_good_ = false;
                log<message::section_without_balancer>(s, section.file, section.line, "<Proxy>",
                                                       section.name, names_of_balancers(false));
            }
        }
    }

    bool is_inherited(const Section &section) const
    {
        const auto *sections = config_of(main_).sections;
        for (int i = 0; i < sections->nelts; ++i)
            if (APR_ARRAY_IDX(sections, i, const Section *) == &section)
                return true;
        return false;
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
        check_cookie_name(s, balancer, options);
        if (cookie_mode_of(options, *balancer.s) == SB_COOKIE_INSERT)
            check_inserted_cookie(s, balancer, options);
        if (cookie_mode_of(options, *balancer.s) != SB_COOKIE_OFF)
            check_routes(s, balancer, options);
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

    void check_cookie_name(server_rec *s, const proxy_balancer &balancer, const Options &options)
    {
        const char *sticky = balancer.s->sticky;
        if (options.cookie_name.is_set && *sticky != '\0' &&
            std::strcmp(options.cookie_name.value, sticky) != 0) {
            is_good_ = false;
            log<message::cookie_contradicts>(s, options.file, options.line,
                                             options.cookie_name.value, sticky, balancer.s->name);
        }
    }

    // What a cookie that this module is to set must be.
    void check_inserted_cookie(server_rec *s, const proxy_balancer &balancer,
                               const Options &options)
    {
        const char *name = cookie_name_of(options, *balancer.s);
        if (sb_is_cookie_name({name, std::strlen(name)}) == 0) {
            is_good_ = false;
            log<message::cookie_name_unfit>(s, options.file, options.line, name, balancer.s->name);
        }
        if (const char *missing = missing_for_prefix(name, options); missing != nullptr) {
            is_good_ = false;
            log<message::cookie_prefix>(s, options.file, options.line, name, missing);
        }
        if (options.cookie_max_age_s.is_set && balancer.s->sticky_separator == '\0') {
            is_good_ = false;
            log<message::maxage_without_separator>(s, options.file, options.line, balancer.s->name);
        }
    }

    // What browsers ask of a cookie with such a name (RFC 6265bis section 4.1.3); null: nothing is
    // missing.
    static const char *missing_for_prefix(const char *name, const Options &options)
    {
        const bool is_host = ap_cstr_casecmpn(name, "__Host-", 7) == 0;
        if (!is_host && ap_cstr_casecmpn(name, "__Secure-", 9) != 0)
            return nullptr;
        if (options.cookie_secure.value_or(SB_SECURE_AUTO) != SB_SECURE_ON &&
            options.cookie_same_site.value_or(SB_SAME_SITE_LAX) != SB_SAME_SITE_NONE)
            return "secure=on";
        if (is_host && std::strcmp(options.cookie_path.value_or("/"), "/") != 0)
            return "path=/";
        return is_host && options.cookie_domain.is_set ? "no domain=" : nullptr;
    }

    void check_routes(server_rec *s, const proxy_balancer &balancer, const Options &options)
    {
        auto *first_with_route = apr_hash_make(pool_);
        for (int i = 0; i < balancer.workers->nelts; ++i) {
            auto &worker = *APR_ARRAY_IDX(balancer.workers, i, proxy_worker *);
            const char *route = worker.s->route;
            const char *name = ap_proxy_worker_name(pool_, &worker);
            if (*route == '\0') {
                if (warns_)
                    log<message::missing_route>(s, options.file, options.line, balancer.s->name,
                                                name);
                continue;
            }
            if (cookie_mode_of(options, *balancer.s) == SB_COOKIE_INSERT &&
                sb_is_cookie_text({route, std::strlen(route)}) == 0) {
                is_good_ = false;
                log<message::route_unfit>(s, options.file, options.line, balancer.s->name, route,
                                          name);
            }
            if ((worker.s->status & PROXY_WORKER_HOT_STANDBY) != 0)
                continue;  // comes last wherever it stands: a backup that shares its primary's cookie
            const auto *first = static_cast<const char *>(
                apr_hash_get(first_with_route, route, APR_HASH_KEY_STRING));
            if (first == nullptr)
                apr_hash_set(first_with_route, route, APR_HASH_KEY_STRING, name);
            else if (warns_)
                log<message::shared_route>(s, options.file, options.line, balancer.s->name, first,
                                           name, route);
        }
    }

    apr_pool_t *pool_;
    server_rec *main_;
    const ConfigTree &tree_;
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
