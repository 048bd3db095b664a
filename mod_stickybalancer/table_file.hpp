// SPDX-License-Identifier: Apache-2.0
//
// Where the tables of sessions live: a file for each balancer with a StickyOn, beside the region's, or memory
// without a name where that is in memory. Mapped by the parent before it has children, and so by all of
// them. It stays mapped over a restart, whether or not the balancer still has a StickyOn then: one that comes
// back finds its sessions. The region's lock says that nobody else has the files open.
//
// A file that was cut short is made whole, without what was there. One that does not hold up is set aside
// under another name, and an empty one takes its place. Where size= has changed, what is known goes into a
// table of that size, which takes the place of the file when everything is in it; children of the generation
// before still learn into the old one, which is there for one generation more.
//
// Where a file cannot be had the server does not start; when it restarts it goes on, with a table in memory
// where there was none, and with the old one where it cannot have another size.
//
// What is remembered between generations outlives the module that wrote it, so it begins with a magic number
// and a version. Thread safety: [post_config], in the parent.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Opens the table of every attached balancer that has keys, after claim_members(). `directory`: null for
// memory only. The handles are good as long as pconf. False: it was logged why the server cannot start.
bool open_tables(apr_pool_t *pconf, apr_pool_t *ptemp, server_rec *main_server,
                 const char *directory);

}  // namespace stickybalancer
