// SPDX-License-Identifier: Apache-2.0
//
// What the directives say, at three places: the server, a virtual host, and the section of one
// balancer, <Proxy "balancer://NAME">. Fields, defaults, parser and merge are made from
// directives.def.
//
// Thread safety: written while the configuration is read, read-only afterwards. Lifetime: pconf.
#pragma once

#include <apr_hash.h>

#include <cstdint>
#include <cstring>
#include <span>

#include "core/include/stickybalancer/stickybalancer.h"
#include "mod_stickybalancer/httpd.hpp"
#include "mod_stickybalancer/failback.hpp"
#include "mod_stickybalancer/health_options.hpp"
#include "mod_stickybalancer/key_file.hpp"
#include "mod_stickybalancer/monitor_uri.hpp"
#include "mod_stickybalancer/networks.hpp"
#include "mod_stickybalancer/persistence_key.hpp"
#include "mod_stickybalancer/retry_words.hpp"
#include "mod_stickybalancer/state_directory.hpp"

namespace stickybalancer {

template <typename T>
struct Option {
    T value{};
    bool is_set = false;

    T value_or(T fallback) const { return is_set ? value : fallback; }
};

struct Options {
#define SB_CHOICE(directive, option, field, fallback, words, with, help) Option<std::int64_t> field;
#define SB_TEXT(directive, option, field, fallback, check, allowed, with, help) \
    Option<const char *> field;
#define SB_COUNT(directive, option, field, fallback, least, most, with, help) \
    Option<std::int64_t> field;
#define SB_SIZE(directive, option, field, fallback, least, most, with, help) \
    Option<std::int64_t> field;
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help) \
    Option<std::int64_t> field;
#define SB_INTERVAL(directive, option, field, fallback, least, most, with, help) \
    Option<std::int64_t> field;
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help) \
    Option<const type *> field;
#define SB_PARSED(directive, option, field, fallback, type, parse, allowed, with, help) \
    Option<const type *> field;
#define SB_LIST(directive, option, field, fallback, type, parse, allowed, with, help) \
    Option<const type *> field;
#include "mod_stickybalancer/directives.def"

    // Where the last of them was set, for messages about several directives together.
    const char *file = nullptr;
    int line = 0;
};

// `over` where it is set, else `base`.
Options merged(const Options &base, const Options &over);

// The first option, not a directive's first word, that is set in both; null: none.
const char *option_in_both(const Options &one, const Options &other);

// What one <Proxy> section says. Its name is the balancer's, in lower case, "balancer://" included.
struct Section {
    const char *name;
    Options options;
    apr_array_header_t *member_lines;      // of const Options *: each StickyMember by itself
    apr_array_header_t *session_lines;     // of const Options *: each StickyOn by itself
    apr_array_header_t *check_lines;       // of const Options *: each StickyCheck by itself
    const ap_directive_t *table_line;      // the last StickyTable; null: none
    const ap_directive_t *when_down_line;  // the last StickyWhenDown of the balancer's; null: none
    // StickyWhenDown where this is no balancer's section but one of requests, such as <Location>; null: none.
    const Options *when_down_of_requests;
    bool has_retry_line;  // a StickyRetry
    bool is_recorded;     // in its server's list
    int line;
    const char *file;
};

struct ServerConfig {
    Options options;               // defaults of the balancers below
    apr_array_header_t *sections;  // of Section *
    apr_array_header_t
        *attached;  // of Attached *, by the balancer's place in mod_proxy's list; startup.cpp
    server_rec *stands_for;  // null but in a copy of this server; source_address.cpp
    apr_hash_t *members;     // a balancer's list of workers to MemberLines *; member_settings.cpp
    apr_hash_t *checks;      // the same to CheckLines *; health_lines.cpp
};

// The settings in force for the balancer of this name, section over virtual host over server.
// `elects`: whether the balancer is ours.
struct Effective {
    Options options;
    bool elects;
    const Section *section;  // null: it has none with a directive of ours
};
Effective effective_config(const ServerConfig &server, const char *balancer_name);

bool has_section(const ServerConfig &server, const Section &section);

inline ServerConfig &config_of(const server_rec *s)
{
    return *static_cast<ServerConfig *>(
        ap_get_module_config(s->module_config, &stickybalancer_module));
}

inline proxy_server_conf *proxy_config_of(const server_rec *s)
{
    return static_cast<proxy_server_conf *>(ap_get_module_config(s->module_config, &proxy_module));
}

// As the core takes it; null is none.
inline sb_str str_of(const char *text)
{
    return text != nullptr ? sb_str{text, std::strlen(text)} : sb_str{};
}

inline std::span<const proxy_balancer> balancers_of(const server_rec *s)
{
    const auto &balancers = *proxy_config_of(s)->balancers;
    return {reinterpret_cast<const proxy_balancer *>(balancers.elts),
            static_cast<std::size_t>(balancers.nelts)};
}

// In the order of the configuration; then those that were added at run time. One that another thread is
// taking into the list at this moment (ap_proxy_sync_balancer(): an empty entry first, then a member without
// its shared part) is not there yet.
inline std::span<proxy_worker *const> members_of(const proxy_balancer &balancer)
{
    auto count = static_cast<std::size_t>(balancer.workers->nelts);
    auto *const *members = reinterpret_cast<proxy_worker *const *>(balancer.workers->elts);
    while (count > 0 && (members[count - 1] == nullptr || members[count - 1]->s == nullptr))
        --count;
    return {members, count};
}

// Taken away at run time. mod_proxy has no such thing: its own list keeps the member until the next restart, and what
// is under way there ends. The bit is nobody else's.
inline bool is_removed(const proxy_worker &member)
{
    return (__atomic_load_n(&member.s->status, __ATOMIC_RELAXED) & PROXY_WORKER_FREE) != 0;
}

// For the module record.
extern const command_rec directive_table[];
void *create_section(apr_pool_t *pool, char *path);
void *merge_sections(apr_pool_t *pool, void *base, void *add);
void *create_server_config(apr_pool_t *pool, server_rec *s);
void *merge_server_config(apr_pool_t *pool, void *base, void *add);

}  // namespace stickybalancer
