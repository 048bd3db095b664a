// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/cookie_check.hpp"

#include <apr_hash.h>

#include <cstring>
#include <utility>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/session_lines.hpp"

namespace stickybalancer {
namespace {

std::int64_t seal_of(const Options &options) { return options.cookie_seal.value_or(SB_SEAL_PLAIN); }

bool is_always_secure(const Options &options)
{
    return options.cookie_secure.value_or(SB_SECURE_AUTO) == SB_SECURE_ON ||
           options.cookie_same_site.value_or(SB_SAME_SITE_LAX) == SB_SAME_SITE_NONE;
}

// Two times in base 36 stand before it.
bool can_end_dates(char separator) { return separator != '\0' && !apr_isalnum(separator); }

// What browsers ask of a cookie with such a name (RFC 6265bis section 4.1.3); null: nothing is
// missing.
const char *missing_for_prefix(const char *name, const Options &options)
{
    const bool is_host = ap_cstr_casecmpn(name, "__Host-", 7) == 0;
    if (!is_host && ap_cstr_casecmpn(name, "__Secure-", 9) != 0)
        return nullptr;
    if (!is_always_secure(options))
        return "secure=on";
    if (is_host && std::strcmp(options.cookie_path.value_or("/"), "/") != 0)
        return "path=/";
    return is_host && options.cookie_domain.is_set ? "no domain=" : nullptr;
}

class CookieChecker {
public:
    CookieChecker(apr_pool_t *pool, server_rec *s, const proxy_balancer &balancer,
                  const Options &options, bool warns)
        : pool_(pool),
          s_(s),
          balancer_(balancer),
          options_(options),
          mode_(cookie_mode_of(options, *balancer.s)),
          warns_(warns)
    {
    }

    bool check()
    {
        check_cookie_name();
        if (mode_ == SB_COOKIE_OFF)
            return is_good_;
        check_seal();
        if (mode_ == SB_COOKIE_INSERT)
            check_inserted_cookie();
        check_routes();
        return is_good_;
    }

private:
    void check_cookie_name()
    {
        const char *sticky = balancer_.s->sticky;
        if (options_.cookie_name.is_set && *sticky != '\0' &&
            std::strcmp(options_.cookie_name.value, sticky) != 0) {
            is_good_ = false;
            log<message::cookie_contradicts>(s_, options_.file, options_.line,
                                             options_.cookie_name.value, sticky, balancer_.s->name);
        }
    }

    // What a cookie that this module is to set must be.
    void check_inserted_cookie()
    {
        const char *name = cookie_name_of(options_, *balancer_.s);
        if (sb_is_cookie_name({name, std::strlen(name)}) == 0) {
            is_good_ = false;
            log<message::cookie_name_unfit>(s_, options_.file, options_.line, name,
                                            balancer_.s->name);
        }
        if (const char *missing = missing_for_prefix(name, options_); missing != nullptr) {
            is_good_ = false;
            log<message::cookie_prefix>(s_, options_.file, options_.line, name, missing);
        }
        if (options_.cookie_partitioned.value_or(0) != 0 && !is_always_secure(options_)) {
            is_good_ = false;
            log<message::partitioned_needs_secure>(s_, options_.file, options_.line,
                                                   balancer_.s->name);
        }
        if (seal_of(options_) == SB_SEAL_PLAIN && !can_end_dates(balancer_.s->sticky_separator))
            for (const auto &[option, is_set] :
                 {std::pair{"maxage=", options_.cookie_max_age_s.is_set},
                  std::pair{"maxidle=", options_.cookie_max_idle_s.is_set},
                  std::pair{"maxlife=", options_.cookie_max_life_s.is_set}})
                if (is_set)
                    complain_of_separator(option);
    }

    void check_seal()
    {
        if (seal_of(options_) == SB_SEAL_PLAIN)
            return;
        const bool is_signed = seal_of(options_) == SB_SEAL_SIGNED;
        if (!options_.key_file.is_set) {
            is_good_ = false;
            log<message::key_needed>(s_, options_.file, options_.line,
                                     is_signed ? "signed" : "opaque", balancer_.s->name);
        }
        if (is_signed && balancer_.s->sticky_separator == '\0' && mode_ != SB_COOKIE_PREFIX)
            complain_of_separator("seal=signed");
    }

    void complain_of_separator(const char *option)
    {
        is_good_ = false;
        log<message::separator_needed>(s_, options_.file, options_.line, option, balancer_.s->name);
    }

    void check_route(const char *route, const char *member)
    {
        if (mode_ == SB_COOKIE_PREFIX && std::strchr(route, '~') != nullptr) {
            is_good_ = false;
            log<message::route_has_prefix_end>(s_, options_.file, options_.line, balancer_.s->name,
                                               route, member);
        }
        if (mode_ != SB_COOKIE_PASSIVE && sb_is_cookie_text({route, std::strlen(route)}) == 0) {
            is_good_ = false;
            log<message::route_unfit>(s_, options_.file, options_.line, balancer_.s->name, route,
                                      member);
        }
    }

    // Its clients are kept by a table, and the cookie is somebody else's.
    bool stays_without_route() const
    {
        return mode_ == SB_COOKIE_PASSIVE &&
               !session_keys_of(pool_, config_of(s_), balancer_.s->name).empty();
    }

    void check_routes()
    {
        auto *first_with_route = apr_hash_make(pool_);
        for (int i = 0; i < balancer_.workers->nelts; ++i) {
            auto &worker = *APR_ARRAY_IDX(balancer_.workers, i, proxy_worker *);
            const char *route = worker.s->route;
            const char *name = ap_proxy_worker_name(pool_, &worker);
            if (*route == '\0') {
                if (warns_ && !stays_without_route())
                    log<message::missing_route>(s_, options_.file, options_.line, balancer_.s->name,
                                                name);
                continue;
            }
            check_route(route, name);
            if ((worker.s->status & PROXY_WORKER_HOT_STANDBY) != 0)
                continue;  // comes last wherever it stands: a backup that shares its primary's cookie
            const auto *first = static_cast<const char *>(
                apr_hash_get(first_with_route, route, APR_HASH_KEY_STRING));
            if (first == nullptr)
                apr_hash_set(first_with_route, route, APR_HASH_KEY_STRING, name);
            else if (warns_)
                log<message::shared_route>(s_, options_.file, options_.line, balancer_.s->name,
                                           first, name, route);
        }
    }

    apr_pool_t *pool_;
    server_rec *s_;
    const proxy_balancer &balancer_;
    const Options &options_;
    sb_cookie_mode mode_;
    bool warns_;
    bool is_good_ = true;
};

// A balancer that sets a cookie.
struct Setter {
    const proxy_balancer *balancer;
    Options options;
    const char *cookie;
    const char *path;
    bool is_inherited;
};

apr_array_header_t *setters_of(apr_pool_t *pool, const server_rec *s, const server_rec *main_server)
{
    auto *setters = apr_array_make(pool, 4, sizeof(Setter));
    for (const auto &balancer : balancers_of(s)) {
        const auto effective = effective_config(config_of(s), balancer.s->name);
        const auto &options = effective.options;
        if (!effective.elects || cookie_mode_of(options, *balancer.s) != SB_COOKIE_INSERT)
            continue;
        bool is_inherited = false;
        for (const auto &other : balancers_of(main_server))
            is_inherited |= s != main_server && other.workers == balancer.workers;
        APR_ARRAY_PUSH(setters, Setter) = {&balancer, options, cookie_name_of(options, *balancer.s),
                                           options.cookie_path.value_or("/"), is_inherited};
    }
    return setters;
}

// As browsers match paths (RFC 6265 section 5.1.4).
bool is_below(const char *path, const char *upper)
{
    const auto length = std::strlen(upper);
    return std::strncmp(path, upper, length) == 0 &&
           (path[length] == '\0' || path[length] == '/' || upper[length - 1] == '/');
}

bool has_routes_of(apr_pool_t *pool, const proxy_balancer &one, const proxy_balancer &other)
{
    auto *routes = apr_hash_make(pool);
    for (int i = 0; i < one.workers->nelts; ++i) {
        const char *route = APR_ARRAY_IDX(one.workers, i, proxy_worker *)->s->route;
        apr_hash_set(routes, route, APR_HASH_KEY_STRING, route);
    }
    for (int i = 0; i < other.workers->nelts; ++i)
        if (apr_hash_get(routes, APR_ARRAY_IDX(other.workers, i, proxy_worker *)->s->route,
                         APR_HASH_KEY_STRING) == nullptr)
            return false;
    return true;
}

// Each reads what the other writes: two ways to the same members.
bool understand_each_other(apr_pool_t *pool, const Setter &one, const Setter &other)
{
    return seal_of(one.options) == SB_SEAL_PLAIN && seal_of(other.options) == SB_SEAL_PLAIN &&
           has_routes_of(pool, *one.balancer, *other.balancer) &&
           has_routes_of(pool, *other.balancer, *one.balancer);
}

bool collide(apr_pool_t *pool, const Setter &one, const Setter &other)
{
    return !(one.is_inherited && other.is_inherited) &&
           std::strcmp(one.cookie, other.cookie) == 0 &&
           (is_below(one.path, other.path) || is_below(other.path, one.path)) &&
           !understand_each_other(pool, one, other);
}

}  // namespace

bool check_cookie(apr_pool_t *pool, server_rec *s, const proxy_balancer &balancer,
                  const Options &options, bool warns)
{
    return CookieChecker(pool, s, balancer, options, warns).check();
}

void check_shared_cookies(apr_pool_t *pool, server_rec *main_server)
{
    for (auto *s = main_server; s != nullptr; s = s->next) {
        const auto *setters = setters_of(pool, s, main_server);
        for (int i = 0; i < setters->nelts; ++i) {
            for (int j = i + 1; j < setters->nelts; ++j) {
                const auto &one = APR_ARRAY_IDX(setters, i, Setter),
                           &other = APR_ARRAY_IDX(setters, j, Setter);
                if (collide(pool, one, other))
                    log<message::shared_cookie>(s, other.options.file, other.options.line,
                                                one.balancer->s->name, other.balancer->s->name,
                                                other.cookie, one.path, other.path);
            }
        }
    }
}

}  // namespace stickybalancer
