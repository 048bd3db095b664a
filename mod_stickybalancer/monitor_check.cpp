// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/monitor_check.hpp"

#include "mod_stickybalancer/config.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

const MonitorPath *path_of(const server_rec *s)
{
    return config_of(s).options.monitor_path.value_or(nullptr);
}

bool is_ours(const server_rec *s, const proxy_balancer &balancer)
{
    return effective_config(config_of(s), balancer.s->name).elects;
}

bool has_ours(const server_rec *s)
{
    for (const auto &balancer : balancers_of(s))
        if (is_ours(s, balancer))
            return true;
    return false;
}

// Virtual hosts have the server's line, too, where they have none of their own.
bool says_something(const server_rec *main_server, const MonitorPath *path)
{
    for (const auto *s = main_server; s != nullptr; s = s->next)
        if (path_of(s) == path && has_ours(s))
            return true;
    return false;
}

// Of all servers with this line it is the first.
bool is_first(const server_rec *main_server, const server_rec *s)
{
    const auto *other = main_server;
    while (other != s && path_of(other) != path_of(s))
        other = other->next;
    return other == s;
}

bool can_be_enough(const server_rec *s, const proxy_balancer &balancer)
{
    const auto &path = *path_of(s);
    const auto least = static_cast<int>(config_of(s).options.monitor_fail_below.value_or(1));
    const int most = balancer.workers->nelts + balancer.growth;
    if (least <= most || most == 0 || !is_ours(s, balancer))
        return true;
    log<message::monitor_asks_too_much>(s, path.file, path.line, path.path, least, most,
                                        balancer.s->name, most);
    return false;
}

}  // namespace

bool check_monitors(const server_rec *main_server)
{
    bool is_good = true;
    for (const auto *s = main_server; s != nullptr; s = s->next)
        for (const auto &balancer : balancers_of(s))
            is_good &= path_of(s) == nullptr || can_be_enough(s, balancer);
    return is_good;
}

void warn_of_monitors(const server_rec *main_server)
{
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        const auto *path = path_of(s);
        if (path != nullptr && is_first(main_server, s) && !says_something(main_server, path))
            log<message::monitor_without_balancer>(s, path->file, path->line, path->path);
    }
}

}  // namespace stickybalancer
