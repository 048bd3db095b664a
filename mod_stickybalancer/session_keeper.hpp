// SPDX-License-Identifier: Apache-2.0
//
// A thread of each child that tells the tables which sessions are in use by requests under way, about four
// times in the life of a session and at least once a second.
//
// It is not mod_watchdog's: that one ends as soon as a child begins to end, and a WebSocket may go on in
// such a child for days after a graceful restart.
//
// Thread safety: the thread takes no memory and no lock of httpd's or of the table's, so that a child which
// ends in a signal handler can wait for it. It gets no signals.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// [child] None where no balancer has a table.
void start_session_keeper(apr_pool_t *pchild, server_rec *main_server);

}  // namespace stickybalancer
