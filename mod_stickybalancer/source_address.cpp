// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/source_address.hpp"

#include <apr_hash.h>

#include <cstring>
#include <new>

#include "mod_stickybalancer/member_settings.hpp"
#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

// The servers that requests to one balancer's members have, as seen from one virtual host.
struct Sources {
    apr_hash_t *of_members;   // a member's address to its server_rec; those of the configuration
    server_rec *of_new_ones;  // null: the true server
};

namespace {

// An httpd newer than the one that this was compiled with may have more in its structs, at their ends. What
// mod_proxy makes itself has its own size; of a server_rec the rest is zero.
constexpr std::size_t kRoomForLaterFields = 256;

proxy_server_conf *proxy_config_from(apr_pool_t *pool, server_rec &s, apr_sockaddr_t &address)
{
    auto *own = proxy_config_of(&s);
    auto *copy = static_cast<proxy_server_conf *>(
        proxy_module.merge_server_config(pool, proxy_module.create_server_config(pool, &s), own));
    *copy = *own;
    copy->source_address = &address;
    copy->source_address_set = 1;
    return copy;
}

server_rec *server_from(apr_pool_t *pool, server_rec &s, apr_sockaddr_t &address)
{
    void *room = apr_pcalloc(pool, sizeof(server_rec) + kRoomForLaterFields);
    auto *copy = new (room) server_rec(s);
    copy->module_config = ap_create_request_config(pool);  // as long as any list of all modules
    for (const auto *each = ap_top_module; each != nullptr; each = each->next)
        ap_set_module_config(copy->module_config, each,
                             ap_get_module_config(s.module_config, each));
    ap_set_module_config(copy->module_config, &proxy_module, proxy_config_from(pool, s, address));
    auto *config = new (apr_palloc(pool, sizeof(ServerConfig))) ServerConfig(config_of(&s));
    config->stands_for = &s;
    ap_set_module_config(copy->module_config, &stickybalancer_module, config);
    return copy;
}

// One virtual host's copies, by address.
class SourcedServers {
public:
    SourcedServers(apr_pool_t *pool, server_rec &s)
        : pool_(pool), server_(s), by_source_(apr_hash_make(pool))
    {
    }

    // Null: the true server.
    server_rec *server_for(const MemberSettings &settings)
    {
        if (*settings.source == '\0')
            return nullptr;
        auto *made = apr_hash_get(by_source_, settings.source, APR_HASH_KEY_STRING);
        if (made == nullptr)
            apr_hash_set(by_source_, settings.source, APR_HASH_KEY_STRING,
                         made = make(settings.source));
        return static_cast<server_rec *>(made);
    }

private:
    // The directive has seen to it that it is an address.
    server_rec *make(const char *source)
    {
        apr_sockaddr_t *address = nullptr;
        return apr_sockaddr_info_get(&address, source, APR_UNSPEC, 0, 0, pool_) == APR_SUCCESS
                   ? server_from(pool_, server_, *address)
                   : nullptr;
    }

    apr_pool_t *pool_;
    server_rec &server_;
    apr_hash_t *by_source_;
};

const Sources *sources_of(apr_pool_t *pool, const Attached &attached, SourcedServers &servers)
{
    const auto &lines = member_lines_of(attached.server, *attached.balancer);
    auto *sources = new (apr_palloc(pool, sizeof(Sources)))
        Sources{apr_hash_make(pool), servers.server_for(lines.settings_of_new_ones())};
    bool has_any = sources->of_new_ones != nullptr;
    for (const auto *member : members_of(*attached.balancer))
        if (auto *server = servers.server_for(lines.settings_of(*member)); server != nullptr) {
            const auto **key =
                static_cast<const proxy_worker **>(apr_pmemdup(pool, &member, sizeof(member)));
            apr_hash_set(sources->of_members, key, sizeof(*key), server);
            has_any = true;
        }
    return has_any ? sources : nullptr;
}

// Null: the true server.
server_rec *source_server_of(const RequestState *state)
{
    if (state == nullptr || state->attached->sources == nullptr || state->worker == nullptr)
        return nullptr;
    const auto &sources = *state->attached->sources;
    const auto *member =
        worker_of(state->pick.handle);  // the worker may be a copy (forced_member.hpp)
    auto *server = apr_hash_get(sources.of_members, &member, sizeof(member));
    return server != nullptr ? static_cast<server_rec *>(server) : sources.of_new_ones;
}

server_rec *wanted_server(const request_rec *r)
{
    if (auto *server = source_server_of(state_of(r)); server != nullptr)
        return server;
    auto *true_server = config_of(r->server).stands_for;
    return true_server != nullptr ? true_server : r->server;
}

}  // namespace

void prepare_sources(server_rec *main_server)
{
    auto *pool = main_server->process->pconf;
    for (auto *s = main_server; s != nullptr; s = s->next) {
        SourcedServers servers(pool, *s);
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i)
            if (auto &attached = *APR_ARRAY_IDX(list, i, Attached *); attached.elects())
                attached.sources = sources_of(pool, attached, servers);
    }
}

int connect_from_source(request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url,
                        const char *proxy_host, apr_port_t proxy_port)
{
    auto *present = r->server;
    auto *wanted = wanted_server(r);
    if (wanted == present)
        return DECLINED;
    r->server = wanted;
    const int status = proxy_run_scheme_handler(r, worker, conf, url, proxy_host, proxy_port);
    r->server = present;
    return status;
}

}  // namespace stickybalancer
