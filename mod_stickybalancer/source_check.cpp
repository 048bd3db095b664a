// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/source_check.hpp"

#include "mod_stickybalancer/address_family.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

// Of the members that the line is for; one that can be reached is enough.
const char *obstacle(const MemberLine &line, const proxy_balancer &balancer)
{
    const char *source = line.options->member_source.value;
    if (line.member != nullptr)
        return obstacle_from(source, *line.member);
    const char *found = nullptr;
    for (const auto *member : members_of(balancer))
        if ((found = obstacle_from(source, *member)) == nullptr)
            return nullptr;
    return found;
}

}  // namespace

const char *obstacle_from(const char *source, const proxy_worker &member)
{
    if (*member.s->uds_path != '\0')
        return "a socket in the file system; leave it out";
    const int needed = family_of(member.s->hostname_ex);
    if (needed == AF_UNSPEC || needed == family_of(source))
        return nullptr;
    return needed == AF_INET ? "an IPv4 address; use one of this kind"
                             : "an IPv6 address; use one of this kind";
}

bool is_of_this_machine(apr_pool_t *pool, const char *source)
{
    apr_sockaddr_t *address = nullptr;
    apr_socket_t *socket = nullptr;
    if (apr_sockaddr_info_get(&address, source, APR_UNSPEC, 0, 0, pool) != APR_SUCCESS ||
        apr_socket_create(&socket, address->family, SOCK_STREAM, APR_PROTO_TCP, pool) !=
            APR_SUCCESS)
        return false;
    const bool is_bound = apr_socket_bind(socket, address) == APR_SUCCESS;
    apr_socket_close(socket);
    return is_bound;
}

bool check_sources(const server_rec *s, const proxy_balancer &balancer, const MemberLines &lines)
{
    bool is_good = true;
    for (int i = 0; i < lines.count(); ++i) {
        const auto &line = lines[i];
        const auto &source = line.options->member_source;
        if (!source.is_set || (line.member == nullptr && !line.is_for_all))
            continue;
        const char *wrong = obstacle(line, balancer);
        if (wrong == nullptr)
            continue;
        is_good = false;
        log<message::source_unfit>(s, line.options->file, line.options->line, line.name(),
                                   source.value, balancer.s->name, wrong);
    }
    return is_good;
}

void warn_of_sources(apr_pool_t *pool, const server_rec *s, const MemberLines &lines)
{
    for (int i = 0; i < lines.count(); ++i) {
        const auto &options = *lines[i].options;
        if (options.member_source.is_set && !is_of_this_machine(pool, options.member_source.value))
            log<message::source_elsewhere>(s, options.file, options.line, lines[i].name(),
                                           options.member_source.value);
    }
}

}  // namespace stickybalancer
