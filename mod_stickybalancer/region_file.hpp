// SPDX-License-Identifier: Apache-2.0
//
// Where the shared region lives: one file under StickyStateDir, or memory without a name, mapped by the
// parent before it has children and so by all of them. It stays mapped over a graceful restart: both
// generations use the same region. A file also outlives the server, `kill -9` included.
//
// Whoever opens a file that nobody else has mapped (a lock on it says so; children inherit the lock, so
// it lasts until the last of them has gone) validates it first. One that does not hold up is set aside
// under another name, and an empty one takes its place. One that was made for fewer processes or threads
// than there may be now is copied into a new one.
//
// What is remembered between generations outlives the module that wrote it, so it begins with a magic
// number and a version. Thread safety: [post_config], in the parent.
#pragma once

#include "core/include/stickybalancer/stickybalancer.h"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct SharedRegion {
    void *memory = nullptr;
    apr_size_t size = 0;
    sb_region *core = nullptr;        // the parent's handle, of this generation
    const char *directory = nullptr;  // that its file is in; null: it is in memory only
};

// Where the file would be; null for memory only. `is_chosen`: the administrator named the directory,
// and does not want another.
struct StateDir {
    const char *path;
    bool is_chosen;
};

// Opens the region, or finds it where the last generation had it. False: it was logged why the server
// cannot start.
bool open_region(apr_pool_t *ptemp, server_rec *s, const StateDir &dir, const sb_geometry &geometry,
                 SharedRegion &region);

// Makes it larger, in the same place for those who have it mapped. The parent's own mapping may move.
bool grow_region(server_rec *s, apr_size_t size, SharedRegion &region);

}  // namespace stickybalancer
