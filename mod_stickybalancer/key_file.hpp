// SPDX-License-Identifier: Apache-2.0
//
// The file of StickyKey: secrets, one "ID:HEX" a line, the first seals. What is wrong with it is said
// with file, line and id, and never with what stands behind the id.
//
// Thread safety: read while the configuration is, read-only afterwards. Lifetime: the pool's; the
// secrets are erased with it.
#pragma once

#include <cstddef>

#include "core/include/stickybalancer/stickybalancer.h"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct KeyFile {
    std::size_t count;
    sb_key keys[SB_KEYS_MAX];
};

// Null, and `file`; or what is wrong. `name` is relative to ServerRoot.
const char *read_key_file(apr_pool_t *pool, const char *name, const KeyFile *&file);

}  // namespace stickybalancer
