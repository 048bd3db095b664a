// SPDX-License-Identifier: Apache-2.0
//
// What the StickyMember lines of one balancer say, member by member. A line names its member as in
// member_names.hpp; '*' is all members, those added at run time, too. A line of a name goes over one of
// '*'; of each kind, a later line over an earlier, option by option. Which member a line means is found
// once, by what the configuration says: another route at run time changes nothing.
//
// Thread safety: made while the server starts, read-only afterwards. Lifetime: the pool's.
#pragma once

#include <apr_hash.h>

#include <cstdint>
#include <optional>

#include "mod_stickybalancer/config.hpp"
#include "mod_stickybalancer/failback.hpp"

namespace stickybalancer {

// Of one member, defaults filled in. 0: no limit, or not at all.
struct MemberSettings {
    const char *label;                    // "": none
    const char *source;                   // the address to connect from; "": as httpd says
    std::optional<std::uint32_t> weight;  // none: as loadfactor says
    std::uint32_t max_connections;
    std::uint32_t min_connections;
    std::uint32_t max_queue;
    std::uint32_t max_sessions;
    std::int64_t queue_timeout_us;
    std::int64_t slow_start_us;
    std::int64_t drain_deadline_us;
    std::int64_t drain_idle_s;
    Failback failback;
    bool learns;
};
MemberSettings settings_in(const Options &options);

// One StickyMember line, and the section that it stands in.
struct MemberLine {
    const Options *options;
    const Section *section;
    const proxy_worker *member;  // null: all of them, or none
    bool is_for_all;             // '*'

    const char *name() const { return options->member_name.value; }
};

class MemberLines {
public:
    MemberLines(apr_pool_t *pool, const ServerConfig &server, const proxy_balancer &balancer);

    // Cost: one look-up by address.
    Options options_of(const proxy_worker &member) const;
    MemberSettings settings_of(const proxy_worker &member) const
    {
        return settings_in(options_of(member));
    }
    // Of members that are added at run time.
    MemberSettings settings_of_new_ones() const { return settings_in(for_all_); }

    // In the order in which they stand, earlier sections first.
    int count() const { return lines_->nelts; }
    const MemberLine &operator[](int i) const { return APR_ARRAY_IDX(lines_, i, MemberLine); }

private:
    struct Named {
        const proxy_worker *member;
        Options options;
    };
    void add(apr_pool_t *pool, const MemberLine &line);

    apr_array_header_t *lines_;  // of MemberLine
    Options for_all_{};
    apr_hash_t *named_;  // member's address to Named
};

// [check_config] Finds which member each line means, for every balancer of every server.
void resolve_member_lines(apr_pool_t *pconf, server_rec *main_server);
// Afterwards, any time: of this balancer, whoever's copy of it that is.
const MemberLines &member_lines_of(const server_rec *s, const proxy_balancer &balancer);
inline MemberSettings member_settings(const server_rec *s, const proxy_balancer &balancer,
                                      const proxy_worker &member)
{
    return member_lines_of(s, balancer).settings_of(member);
}

// What the lines come to, member by member, at level debug. [post_config]
void log_member_settings(apr_pool_t *pool, const server_rec *main_server);

}  // namespace stickybalancer
