// SPDX-License-Identifier: Apache-2.0
//
// What the directives say, at three places: the server, a virtual host, and the section of one
// balancer, <Proxy "balancer://NAME">. Fields, defaults, parser and merge are made from
// directives.def.
//
// Thread safety: written while the configuration is read, read-only afterwards. Lifetime: pconf.
#pragma once

#include <cstdint>

#include "core/include/stickybalancer/stickybalancer.h"
#include "mod_stickybalancer/httpd.hpp"
#include "mod_stickybalancer/key_file.hpp"

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
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help) \
    Option<std::int64_t> field;
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help) \
    Option<const type *> field;
#include "mod_stickybalancer/directives.def"

    // Where the last of them was set, for messages about several directives together.
    const char *file = nullptr;
    int line = 0;
};

// What one <Proxy> section says. Its name is the balancer's, in lower case, "balancer://" included.
struct Section {
    const char *name;
    Options options;
    bool is_recorded;  // in its server's list
    bool means_on;     // has a directive of ours that turns nothing off
    int line;
    const char *file;
};

struct ServerConfig {
    Options options;               // defaults of the balancers below
    apr_array_header_t *sections;  // of Section *
    apr_array_header_t
        *attached;  // of Attached *, by the balancer's place in mod_proxy's list; startup.cpp
};

// The settings in force for the balancer of this name, section over virtual host over server.
// `elects`: whether the balancer is ours.
struct Effective {
    Options options;
    bool elects;
    const Section *section;  // null: it has none with a directive of ours
};
Effective effective_config(const ServerConfig &server, const char *balancer_name);

inline ServerConfig &config_of(const server_rec *s)
{
    return *static_cast<ServerConfig *>(
        ap_get_module_config(s->module_config, &stickybalancer_module));
}

// For the module record.
extern const command_rec directive_table[];
void *create_section(apr_pool_t *pool, char *path);
void *create_server_config(apr_pool_t *pool, server_rec *s);
void *merge_server_config(apr_pool_t *pool, void *base, void *add);

}  // namespace stickybalancer
