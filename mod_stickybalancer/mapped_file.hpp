// SPDX-License-Identifier: Apache-2.0
//
// Files under StickyStateDir that are mapped shared by the parent, and so by all children; or memory without
// a name. Thread safety: [post_config], in the parent.
#pragma once

#include <cstdint>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Also kept in what outlives the module: its layout belongs to the version there.
struct MappedFile {
    int fd = -1;  // -1: none, or no longer needed
    void *memory = nullptr;
    apr_size_t size = 0;
};

// DIR/KIND-DIGEST: one for each server that may run; they differ in where they write their process id.
const char *state_file_path(apr_pool_t *pool, const char *dir, const char *kind);

// Makes the file where there is none. Null, or why it cannot be used: it must be a plain file, of the user
// that the server starts as, which nobody else can write.
const char *open_state_file(apr_pool_t *pool, const char *path, MappedFile &file);
// One that nobody has opened yet, in the place of what a server that was killed left there.
const char *make_state_file(apr_pool_t *pool, const char *path, MappedFile &file);
const char *make_memory(apr_pool_t *pool, MappedFile &file);

apr_size_t size_of(const MappedFile &file);

// Maps this much of it; what is new there is zero. All of it is asked for at once: memory that is not there
// when it is written to would end a process. Null, or why not.
const char *map_file(apr_pool_t *pool, apr_size_t size, MappedFile &file);

// Gives up what is mapped and open; the file itself stays.
void let_go(MappedFile &file);

// PATH to PATH.damaged; the new name.
const char *set_aside(apr_pool_t *pool, const char *path);

const char *error_text(apr_pool_t *pool, int error);

}  // namespace stickybalancer
