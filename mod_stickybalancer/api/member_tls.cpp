// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/member_tls.hpp"

#include <apr_fnmatch.h>

#include <cstring>

namespace stickybalancer::api {
namespace {

// As mod_proxy matches what it asks for with the names of <Proxy> sections.
bool is_for(const proxy_dir_conf &section, const char *url)
{
    if (section.r != nullptr)
        return ap_regexec(section.r, url, 0, nullptr, 0) == 0;
    if (section.p == nullptr)
        return false;
    return section.p_is_fnmatch != 0 ? apr_fnmatch(section.p, url, 0) == APR_SUCCESS
                                     : std::strncmp(url, section.p, std::strlen(section.p)) == 0;
}

// What counts for a request that this server sends to the balancer.
ap_conf_vector_t *config_for(apr_pool_t *pool, const server_rec *s, const char *url)
{
    auto *config = s->lookup_defaults;
    const auto *sections = proxy_config_of(s)->sec_proxy;
    for (int i = 0; i < sections->nelts; ++i) {
        auto *section = APR_ARRAY_IDX(sections, i, ap_conf_vector_t *);
        if (is_for(*static_cast<proxy_dir_conf *>(ap_get_module_config(section, &proxy_module)),
                   url))
            config = ap_merge_per_dir_configs(pool, config, section);
    }
    return config;
}

// Who answers, mod_ssl or another one, does so for a connection only: one as the client's, of which no module knows
// anything yet. That it has no TLS is an error that it would log; here it is the answer.
bool has_tls(request_rec *r, server_rec *s, const char *url)
{
    ap_logconf silence{};
    silence.level = APLOG_EMERG;
    conn_rec connection = *r->connection;
    connection.pool = r->pool;
    connection.base_server = s;
    connection.conn_config = ap_create_conn_config(r->pool);
    connection.notes = apr_table_make(r->pool, 1);
    connection.master = nullptr;
    connection.log = &silence;
    return ap_proxy_ssl_engine(&connection, config_for(r->pool, s, url), 1) != 0;
}

bool is_of(const server_rec *s, const Attached &attached)
{
    const auto *list = config_of(s).attached;
    for (int i = 0; list != nullptr && i < list->nelts; ++i)
        if (APR_ARRAY_IDX(list, i, const Attached *)->region_index == attached.region_index)
            return true;
    return false;
}

}  // namespace

bool needs_tls(const char *scheme)
{
    return std::strcmp(scheme, "https") == 0 || std::strcmp(scheme, "wss") == 0 ||
           std::strcmp(scheme, "h2") == 0;
}

bool has_tls(request_rec *r, const Attached &attached)
{
    const char *url = apr_pstrcat(r->pool, attached.balancer->s->name, "/", nullptr);
    for (auto *s = ap_server_conf; s != nullptr; s = s->next)
        if (is_of(s, attached) && has_tls(r, s, url))
            return true;
    return false;
}

}  // namespace stickybalancer::api
