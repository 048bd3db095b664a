// SPDX-License-Identifier: Apache-2.0
//
// Work of mod_proxy on each request that is known beforehand to change nothing for a balancer of
// ours. With a small configuration it is a third of what a balancer costs over a plain ProxyPass
// (test/bench).
#pragma once

#include "mod_stickybalancer/config_tree.hpp"

namespace stickybalancer {

// mod_proxy merges the directives of every matching <Proxy> section into each request's
// configuration. A section of ours that holds nothing but members, their settings and our
// directives has nothing to merge: all of it was read at start. [post_config]
void drop_sections_without_effect(apr_pool_t *pool, server_rec *main_server,
                                  const ConfigTree &tree);

// mod_proxy takes a balancer's URL apart and puts it together again, before the member is known
// whose URL is then made canonical. For a name of ours in lower case the result is what was there.
// Hook canon_handler.
int canonical_url(request_rec *r, char *url);

}  // namespace stickybalancer
