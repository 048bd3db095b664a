// SPDX-License-Identifier: Apache-2.0
//
// StickyMonitorURI: what a monitor in front of this server is told about its balancers.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct MonitorPath {
    const char *path;
    const char *file;
    int line;
};

// Null, and `path`; or what is wrong.
const char *parse_monitor_path(cmd_parms *cmd, const char *text, const MonitorPath *&path);

// Whether this server is to get new clients. Where the virtual host has no balancer of this module's, nothing of any
// member speaks against it; or, with `asks_all`, all balancers of the server are asked.
bool is_available(request_rec *r, bool asks_all = false);

// quick_handler: before access control, rewriting and caches.
int answer_monitor_request(request_rec *r, int lookup);

// log_transaction: a monitor's request is not logged.
int pass_over_monitor(request_rec *r);

}  // namespace stickybalancer
