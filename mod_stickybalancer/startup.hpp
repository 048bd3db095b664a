// SPDX-License-Identifier: Apache-2.0
//
// The server's start, restart and configuration test.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Also under `httpd -t`: mistakes over the whole configuration.
int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);
// Before mod_proxy_balancer puts its balancers into shared memory: their default method.
int choose_methods(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                   server_rec *main_server);
// After it: attaches the balancers and makes the shared region.
int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);
void child_init(apr_pool_t *pchild, server_rec *s);
// In the parent: a child has ended, however.
void child_status(server_rec *s, pid_t pid, ap_generation_t generation, int slot,
                  mpm_child_status status);

}  // namespace stickybalancer
