// SPDX-License-Identifier: Apache-2.0
//
// What the configuration says in so many words, which mod_proxy's data no longer tell: where a
// balancer is named, whether a balancing method was chosen for it, and which cookies mod_headers
// makes of routes.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// One directive that names a balancer: ProxyPass, ProxyPassMatch, ProxySet, or a <Proxy> section.
struct BalancerMention {
    const char *balancer;  // "balancer://name", in lower case
    const char *directive;
    const char *file;
    int line;
    const char *stickysession;   // null: not set here
    const char *method;          // lbmethod=; null: not set here
    const ap_directive_t *host;  // the <VirtualHost> around it; null: none
    bool sends_requests;         // ProxyPass and ProxyPassMatch
};

// One `Header ... Set-Cookie "NAME=...%{BALANCER_WORKER_ROUTE}e..."`.
struct RouteCookie {
    const char *name;
    const char *file;
    int line;
};

struct ConfigTree {
    apr_array_header_t *mentions;       // of BalancerMention
    apr_array_header_t *route_cookies;  // of RouteCookie
    // Of const char *: balancers' sections, as written, that hold directives which mean something
    // to a single request (Require, Header, ProxyPassReverse...), and not only members, settings
    // and ours.
    apr_array_header_t *request_sections;
};

ConfigTree read_config_tree(apr_pool_t *pool, const ap_directive_t *root);

// The balancing method that this server's part of the configuration names for the balancer, else that outside of all
// virtual hosts; null: none is named. mod_proxy has forgotten: a ProxyPass in a virtual host sets the method of its
// copy of the balancer to byrequests.
const char *named_method(const ConfigTree &tree, const server_rec *s, const char *balancer);

}  // namespace stickybalancer
