// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/our_balancers.hpp"

#include <apr_hash.h>

#include <cstring>

namespace stickybalancer::api {
namespace {

const char *bare_name(const Attached &attached)
{
    return attached.name + sizeof("balancer://") - 1;
}

// 0: it has none of its own, and is reached by any that is listened to and not another's.
int port_of(const server_rec *s)
{
    if (s->port != 0)
        return s->port;
    return s->addrs != nullptr ? s->addrs->host_port : 0;
}

const char *host_of(apr_pool_t *pool, const server_rec *s)
{
    const int port = port_of(s);
    return port == 0 ? s->server_hostname : apr_psprintf(pool, "%s:%d", s->server_hostname, port);
}

// Whether a ProxyPass of its server leads to it.
bool is_passed_to(const Attached &attached)
{
    const auto &aliases = *proxy_config_of(attached.server)->aliases;
    for (int i = 0; i < aliases.nelts; ++i) {
        const char *url = APR_ARRAY_IDX(&aliases, i, proxy_alias).real;
        if (ap_cstr_casecmpn(url, attached.name, attached.name_length) == 0 &&
            std::strchr("/", url[attached.name_length]) != nullptr)
            return true;
    }
    return false;
}

// Of servers that share one, the first in the configuration that passes requests to it, else the main server: what a
// copy of it says of cookies and routes is in force where requests come. httpd has virtual hosts the last one first.
template <typename Visit>
void for_each_of_ours(apr_pool_t *pool, const Visit &visit)
{
    auto *seen = apr_hash_make(pool);  // those of `all`, by the balancer's index
    auto *all = apr_array_make(pool, 8, sizeof(Attached **));
    for (const auto *s = ap_server_conf; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; list != nullptr && i < list->nelts; ++i) {
            auto *attached = APR_ARRAY_IDX(list, i, Attached *);
            const auto *index = &attached->region_index;
            if (!attached->elects() || attached->core == nullptr ||
                attached->balancer->s->inactive != 0)
                continue;
            auto **shown = static_cast<Attached **>(apr_hash_get(seen, index, sizeof(*index)));
            if (shown == nullptr) {
                shown = static_cast<Attached **>(apr_pmemdup(pool, &attached, sizeof(attached)));
                apr_hash_set(seen, index, sizeof(*index), shown);
                APR_ARRAY_PUSH(all, Attached **) = shown;
            } else if (is_passed_to(*attached) &&
                       ((*shown)->server->is_virtual || !is_passed_to(**shown))) {
                *shown = attached;
            }
        }
    }
    for (int i = 0; i < all->nelts; ++i)
        visit(**APR_ARRAY_IDX(all, i, Attached **));
}

// Virtual hosts may have the same name and port, at different addresses.
const char *name_beside_others(apr_pool_t *pool, apr_hash_t *taken, const OurBalancer &balancer)
{
    const char *name =
        apr_pstrcat(pool, bare_name(*balancer.attached), "@", balancer.host, nullptr);
    const char *free = name;
    for (int number = 2; apr_hash_get(taken, free, APR_HASH_KEY_STRING) != nullptr; ++number)
        free = apr_psprintf(pool, "%s~%d", name, number);
    apr_hash_set(taken, free, APR_HASH_KEY_STRING, free);
    return free;
}

}  // namespace

std::span<const OurBalancer> our_balancers(const request_rec *r)
{
    auto *pool = r->pool;
    auto *all = apr_array_make(pool, 8, sizeof(OurBalancer));
    auto *counts = apr_hash_make(pool);  // of names
    static constexpr char kOne = 1, kSeveral = 2;
    for_each_of_ours(pool, [&](Attached &attached) {
        const char *name = bare_name(attached);
        const auto *count = apr_hash_get(counts, name, APR_HASH_KEY_STRING);
        apr_hash_set(counts, name, APR_HASH_KEY_STRING, count == nullptr ? &kOne : &kSeveral);
        APR_ARRAY_PUSH(all, OurBalancer) = {&attached, name, host_of(pool, attached.server)};
    });
    auto *taken = apr_hash_make(pool);
    auto *balancers = reinterpret_cast<OurBalancer *>(all->elts);
    for (int i = 0; i < all->nelts; ++i)
        if (apr_hash_get(counts, balancers[i].name, APR_HASH_KEY_STRING) == &kSeveral)
            balancers[i].name = name_beside_others(pool, taken, balancers[i]);
    return {balancers, static_cast<std::size_t>(all->nelts)};
}

const OurBalancer *find_balancer(const request_rec *r, std::string_view name)
{
    for (const auto &balancer : our_balancers(r))
        if (name == balancer.name)
            return &balancer;
    return nullptr;
}

}  // namespace stickybalancer::api
