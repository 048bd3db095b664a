// SPDX-License-Identifier: Apache-2.0
//
// What ties a balancer of mod_proxy to the core: which settings it has, and the core's view of its
// members, which follows what is changed at run time (balancer-manager, other modules).
//
// A balancer's members are read again when
//   - a request for balancer-manager was answered, in any process (note_change),
//   - mod_proxy says that members were added (proxy_balancer_shared.wupdated),
//   - a look once a second finds that something else changed them.
//
// Thread safety: made in post_config, then any thread; one at a time reads members again, while the
// others go on with what they have. Lifetime: pconf; the core's part: until the child ends.
#pragma once

#include <atomic>
#include <cstdint>

#include "mod_stickybalancer/config.hpp"
#include "mod_stickybalancer/session_keys.hpp"

namespace stickybalancer {

class LiveSessions;

// A member that has no place in the region.
inline constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

struct Sources;

struct Attached {
    const char *name;  // "balancer://app", in lower case
    std::size_t name_length;
    server_rec *server;
    proxy_balancer *balancer;
    Effective config;
    bool edits_requests;  // the member does not get the client's Cookie header as it is
    std::atomic<const PersistenceKey *> hash_key;   // what clients are hashed by; null: nothing
    std::atomic<bool> keeps_some_from_new_clients;  // a member by weight 0 or maxsessions=
    std::atomic<bool> observes_requests;            // observe= of StickyCheck
    std::uint32_t region_index;  // virtual hosts that share a balancer's members share its lines

    const SessionKey *session_keys;  // of StickyOn, in order
    int session_key_count;           // 0: none, and no table
    sb_table *table;                 // the parent's handle, which children inherit; null: none
    sb_table *earlier_table;  // of another size, that earlier children still learn into; null: none

    sb_identity identity;   // the same over restarts
    std::uint64_t block;    // in the region
    std::uint32_t *places;  // by the index of a member's slot in mod_proxy's memory; kNoPlace
    std::uint32_t place_count;
    int configured_count;  // the first of its members; the others were added at run time

    sb_region *region;                // this child's
    const Sources *sources;           // this child's; null: all as httpd says (source_address.hpp)
    sb_balancer *core;                // this child's
    apr_thread_mutex_t *configuring;  // who, in this child, reads members again
    std::atomic<apr_time_t>
        seen_members_at;  // mod_proxy's time stamp of its list, as of the last reading
    std::atomic<std::uint64_t> seen_digest;  // of all that was read
    std::atomic<apr_time_t> looked_at;
    std::atomic<apr_time_t> said_at;  // when a request was last told in the log that it was refused
    std::atomic<apr_time_t> failed_said_at;   // that it failed, and nobody was left to try
    std::atomic<apr_time_t> retried_said_at;  // that it failed, and another member is tried
    std::atomic<apr_time_t> moved_said_at;    // that its client is moved, as its member is down

    LiveSessions *live_sessions;  // this child's; null: it has no table

    bool elects() const { return config.elects; }
    bool has_table() const { return session_key_count != 0 && table != nullptr; }
};

// On whose behalf something is done, and when: where a message goes, memory for the call, the time.
struct Occasion {
    const server_rec *server;
    apr_pool_t *pool;
    apr_time_t now;
};
inline Occasion occasion_of(const request_rec *r, apr_time_t now)
{
    return {r->server, r->pool, now};
}

// [post_config] Attaches every balancer of every server; how many, and how many of them are ours.
struct AttachedCount {
    int all;
    int ours;
    std::uint32_t regions;
};
AttachedCount attach_balancers(apr_pool_t *pool, server_rec *main_server);

// [child] Creates and configures the core's part of each. False: it was logged why not.
bool start_attached(apr_pool_t *pool, server_rec *main_server, sb_region *region);

// The balancer of this request, by mod_proxy's pointer where there is one, else by the URL. Null:
// none.
Attached *find_attached(const request_rec *r, const proxy_server_conf *conf,
                        const proxy_balancer *balancer, const char *url);

// What the core calls a member, and back.
inline std::uint64_t handle_of(const proxy_worker *worker)
{
    return reinterpret_cast<std::uintptr_t>(worker);
}
inline proxy_worker *worker_of(std::uint64_t handle)
{
    return reinterpret_cast<proxy_worker *>(static_cast<std::uintptr_t>(handle));
}

}  // namespace stickybalancer
