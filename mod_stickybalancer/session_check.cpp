// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/session_check.hpp"

#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/session_lines.hpp"

namespace stickybalancer {
namespace {

// The last StickyTable of the balancer; null: it has none.
const ap_directive_t *table_line_of(const server_rec *s, const proxy_balancer &balancer)
{
    const ap_directive_t *found = nullptr;
    const auto *sections = config_of(s).sections;
    for (int i = 0; i < sections->nelts; ++i) {
        const auto &section = *APR_ARRAY_IDX(sections, i, const Section *);
        if (const auto *line = section.line_of("StickyTable");
            line != nullptr && ap_cstr_casecmp(section.name, balancer.s->name) == 0)
            found = line;
    }
    return found;
}

// Virtual hosts that inherit a balancer may have keys of their own for it.
template <typename Visit>
void each_copy(const server_rec *main_server, const proxy_balancer &balancer, const Visit &visit)
{
    for (const auto *s = main_server; s != nullptr; s = s->next)
        for (const auto &other : balancers_of(s))
            if (other.workers == balancer.workers)
                visit(s);
}

bool is_of_main_server(const server_rec *main_server, const Section &section)
{
    if (has_section(config_of(main_server), section))
        return false;
    bool is_found = false;
    for (const auto &balancer : balancers_of(main_server))
        is_found |= ap_cstr_casecmp(balancer.s->name, section.name) == 0;
    return is_found;
}

}  // namespace

bool check_sessions(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                    const proxy_balancer &balancer, bool warns)
{
    bool is_good = true, has_keys = false;
    each_copy(main_server, balancer, [&](const server_rec *of) {
        const auto keys = session_keys_of(pool, config_of(of), balancer.s->name);
        has_keys |= !keys.empty();
        if (keys.size() <= SB_SESSIONS_OF_REQUEST_MAX)
            return;
        is_good = false;
        const auto &first_of_many = *keys[SB_SESSIONS_OF_REQUEST_MAX].key;
        log<message::too_many_session_keys>(of, first_of_many.file, first_of_many.line,
                                            balancer.s->name, static_cast<int>(keys.size()),
                                            static_cast<int>(SB_SESSIONS_OF_REQUEST_MAX));
    });
    const auto *table = table_line_of(s, balancer);
    if (warns && table != nullptr && !has_keys)
        log<message::table_without_keys>(s, table->filename, table->line_num, balancer.s->name);
    return is_good;
}

bool check_places_of_tables(const server_rec *main_server)
{
    bool is_good = true;
    for (const auto *s = main_server->next; s != nullptr; s = s->next) {
        const auto *sections = config_of(s).sections;
        for (int i = 0; i < sections->nelts; ++i) {
            const auto &section = *APR_ARRAY_IDX(sections, i, const Section *);
            const auto *line = section.line_of("StickyTable");
            if (line == nullptr || !is_of_main_server(main_server, section))
                continue;
            is_good = false;
            log<message::table_of_main_server>(s, line->filename, line->line_num, section.name);
        }
    }
    return is_good;
}

}  // namespace stickybalancer
