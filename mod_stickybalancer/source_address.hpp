// SPDX-License-Identifier: Apache-2.0
//
// Connections to a member from an address of its own (source= of StickyMember).
//
// mod_proxy makes the socket, binds and connects it in one call (ap_proxy_connect_backend()), in which nobody
// else is asked, and the address to bind it to is a field of the virtual host's settings. So, while mod_proxy
// serves a request to such a member, the request's server is a copy that differs from the true one in this
// address only. mod_proxy keeps a member's connections for that member, so they are from its address, too.
//
// What is made of a request meanwhile (a subrequest, an internal redirect) has the copy, too. If it goes to a
// member or server without source=, the copy is exchanged for the true server before that one is connected.
//
// Thread safety: the copies are made once a child, before it has threads, and only read.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// [child] After start_attached(). What it makes lives as long as the configuration: connections to members
// know the server, and those of members that were added later outlive the child's pool.
void prepare_sources(server_rec *main_server);

// mod_proxy's scheme_handler, before all others; it calls them again where it exchanges the server.
int connect_from_source(request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url,
                        const char *proxy_host, apr_port_t proxy_port);

}  // namespace stickybalancer
