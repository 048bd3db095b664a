// SPDX-License-Identifier: Apache-2.0
//
// StickyMonitorNet: connections of balancers in front of this server that only look whether it is there.
// They are answered before anybody reads from them, so nobody waits, logs or chooses a member.
//
// Cost for all other connections: one look at whether their server has such a list.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// process_connection
int answer_monitor_connection(conn_rec *c);

// [post_config] On a listener with such a list a connection is there at once. Otherwise the kernel holds it back
// until the client sends something (AcceptFilter), which a monitor may never do.
void accept_silent_monitors(const server_rec *main_server);

}  // namespace stickybalancer
