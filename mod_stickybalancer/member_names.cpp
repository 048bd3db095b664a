// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_names.hpp"

#include <apr_uri.h>

#include <cstring>

#include "mod_stickybalancer/config.hpp"

namespace stickybalancer {
namespace {

constexpr int kMostListed = 16;

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

const char *plain_url(apr_pool_t *pool, const proxy_worker &member, const char **place)
{
    return plain_url(pool, ap_proxy_worker_name(pool, const_cast<proxy_worker *>(&member)), place);
}

const proxy_worker *find(apr_hash_t *names, const char *name)
{
    return static_cast<const proxy_worker *>(apr_hash_get(names, name, APR_HASH_KEY_STRING));
}

void add(apr_hash_t *names, const char *name, const proxy_worker *member)
{
    apr_hash_set(names, name, APR_HASH_KEY_STRING, member);
}

}  // namespace

MemberNames::MemberNames(apr_pool_t *pool, const proxy_balancer &balancer)
    : pool_(pool),
      routes_(apr_hash_make(pool)),
      places_(apr_hash_make(pool)),
      shared_places_(apr_hash_make(pool)),
      names_(apr_hash_make(pool))
{
    add_routes(balancer);
    add_places(balancer);
}

// The routes themselves come first: one that reads like ROUTE:2 is that route.
void MemberNames::add_routes(const proxy_balancer &balancer)
{
    for (const auto *member : members_of(balancer))
        if (!is_removed(*member) && *member->s->route != '\0' && find(routes_, member->s->route) == nullptr)
            add(routes_, apr_pstrdup(pool_, member->s->route), member);
    auto *counts = apr_hash_make(pool_);
    for (const auto *const &member : members_of(balancer)) {
        if (is_removed(*member) || *member->s->route == '\0')
            continue;
        const char *name = numbered_route(counts, apr_pstrdup(pool_, member->s->route));
        if (find(routes_, name) == nullptr)
            add(routes_, name, member);
        if (find(routes_, name) == member)
            apr_hash_set(names_, apr_pmemdup(pool_, &member, sizeof(member)), sizeof(member), name);
    }
}

// `counts`: of int, how often each route was asked for.
const char *MemberNames::numbered_route(apr_hash_t *counts, const char *route) const
{
    auto *count = static_cast<int *>(apr_hash_get(counts, route, APR_HASH_KEY_STRING));
    if (count == nullptr) {
        count = static_cast<int *>(apr_pcalloc(pool_, sizeof(int)));
        apr_hash_set(counts, route, APR_HASH_KEY_STRING, count);
    }
    return ++*count == 1 ? route : apr_psprintf(pool_, "%s:%d", route, *count);
}

void MemberNames::add_places(const proxy_balancer &balancer)
{
    for (const auto *member : members_of(balancer)) {
        if (is_removed(*member))
            continue;
        const char *place = nullptr;
        add(places_, plain_url(pool_, *member, &place), member);
        if (place == nullptr)
            continue;
        if (find(places_, place) != nullptr)
            add(shared_places_, place, member);
        add(places_, place, member);
    }
}

const proxy_worker *MemberNames::member(const char *name) const
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

const char *MemberNames::name(const proxy_worker &member) const
{
    const auto *address = &member;
    if (const void *name = apr_hash_get(names_, &address, sizeof(address)); name != nullptr)
        return static_cast<const char *>(name);
    const char *place = nullptr;
    plain_url(pool_, member, &place);
    return place != nullptr && this->member(place) == &member
               ? place
               : ap_proxy_worker_name(pool_, const_cast<proxy_worker *>(&member));
}

const char *MemberNames::place(const proxy_worker &member) const
{
    if (*member.s->uds_path != '\0')
        return apr_pstrcat(pool_, "unix:", member.s->uds_path, nullptr);
    const char *place = nullptr;
    plain_url(pool_, member, &place);
    return place != nullptr ? place : member.s->hostname_ex;
}

const char *names_of_members(apr_pool_t *pool, const proxy_balancer &balancer)
{
    const MemberNames names(pool, balancer);
    const char *all = "";
    int count = 0;
    for (const auto *member : members_of(balancer)) {
        if (++count > kMostListed)
            return apr_psprintf(pool, "%s and %d more", all, balancer.workers->nelts - kMostListed);
        all = apr_pstrcat(pool, all, count > 1 ? ", " : "", names.name(*member), nullptr);
    }
    return *all != '\0' ? all : "none";
}

}  // namespace stickybalancer
