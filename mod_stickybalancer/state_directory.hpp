// SPDX-License-Identifier: Apache-2.0
//
// The directory of StickyStateDir: where the region of shared state is kept as a file.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct Options;

struct StateDirectory {
    const char *path;  // absolute; null: in memory only
};

// Null, and `directory`; or what is wrong. `name` is relative to DefaultRuntimeDir.
const char *read_state_directory(apr_pool_t *pool, const char *name,
                                 const StateDirectory *&directory);

// The one in force, of the main server's options. It need not be there yet.
StateDirectory state_directory_of(apr_pool_t *pool, const Options &options);

// Null, or what is wrong with it. What is not there is right.
const char *unfit_state_directory(apr_pool_t *pool, const char *path);

}  // namespace stickybalancer
