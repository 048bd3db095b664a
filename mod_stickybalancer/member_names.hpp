// SPDX-License-Identifier: Apache-2.0
//
// What the members of one balancer are called, by those who ask for one and by those who tell of it.
// A member's name is
//   ROUTE      where it is the first with that route; ROUTE:2, ROUTE:3 the later ones that share it
//   HOST:PORT  where it has no route
//   URL        where that is several members' HOST:PORT, or a socket's
// and whoever asks for a member may use its URL or its own HOST:PORT, too: case of scheme and host, a
// slash at the end and the scheme's own port make no difference. Text that is a route means that route,
// even where it reads like another name.
//
// Thread safety: as its pool. Members that are added or change their routes later are not in it.
#pragma once

#include <apr_hash.h>

#include <optional>

#include "mod_stickybalancer/config.hpp"

namespace stickybalancer {

class MemberNames {
public:
    // Cost: a few look-ups for each member.
    MemberNames(apr_pool_t *pool, const proxy_balancer &balancer);

    // Null: nobody, or one of several.
    const proxy_worker *member(const char *name) const;
    // Its own, of a member that was there when this was made.
    const char *name(const proxy_worker &member) const;
    // HOST:PORT, or where its socket is.
    const char *place(const proxy_worker &member) const;

private:
    void add_routes(const proxy_balancer &balancer);
    void add_places(const proxy_balancer &balancer);
    const char *numbered_route(apr_hash_t *counts, const char *route) const;

    apr_pool_t *pool_;
    apr_hash_t *routes_;         // ROUTE and ROUTE:2 to a member
    apr_hash_t *places_;         // HOST:PORT and URL to a member
    apr_hash_t *shared_places_;  // HOST:PORT of several members
    apr_hash_t *names_;          // a member's address to its name by route
};

// Of one balancer: every line of a directive whose lines name members, earlier sections first, as
// visit(line, section, member). The member is null where the line names nobody, or has no name.
// `lines` of a section; `name` of a line. A balancer without such lines costs nothing, and names are forgotten
// afterwards.
template <typename Visit>
void each_line_of_members(apr_pool_t *pool, const ServerConfig &server,
                          const proxy_balancer &balancer, apr_array_header_t *Section::*lines,
                          Option<const char *> Options::*name, const Visit &visit)
{
    apr_pool_t *names_pool = nullptr;
    std::optional<MemberNames> names;
    for (int i = 0; i < server.sections->nelts; ++i) {
        const auto &section = *APR_ARRAY_IDX(server.sections, i, const Section *);
        const auto *of_section = section.*lines;
        if (ap_cstr_casecmp(section.name, balancer.s->name) != 0)
            continue;
        for (int j = 0; j < of_section->nelts; ++j) {
            const auto &line = *APR_ARRAY_IDX(of_section, j, const Options *);
            const char *its_name = (line.*name).value_or(nullptr);
            if (its_name != nullptr && !names) {
                apr_pool_create(&names_pool, pool);
                names.emplace(names_pool, balancer);
            }
            visit(line, section, its_name != nullptr ? names->member(its_name) : nullptr);
        }
    }
    if (names_pool != nullptr)
        apr_pool_destroy(names_pool);
}

// All their names, with commas between them; of many members the first few.
const char *names_of_members(apr_pool_t *pool, const proxy_balancer &balancer);

}  // namespace stickybalancer
