// SPDX-License-Identifier: Apache-2.0
//
// What one generation of the configuration leaves to the next, in the parent. It outlives the module that
// wrote it, which may be another build by then: so it begins with a magic number and a version, and whoever
// finds others leaves it alone.
//
// Thread safety: [post_config], in the parent. Lifetime: the parent's.
#pragma once

#include <cstdint>
#include <new>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct RetainedHead {
    std::uint32_t magic;
    std::uint32_t version;
    friend bool operator==(const RetainedHead &, const RetainedHead &) = default;
};

// `Data` begins with a RetainedHead `head`. Null: another build has left something else there.
template <typename Data>
Data *retained(const server_rec *s, const char *key, const RetainedHead &head)
{
    auto *pool = s->process->pool;
    void *found = nullptr;
    apr_pool_userdata_get(&found, key, pool);
    if (found == nullptr) {
        auto *fresh = new (apr_pcalloc(pool, sizeof(Data))) Data{};
        fresh->head = head;
        found = fresh;
        // Not setn: it keeps the pointer to the key, which goes when this module is unloaded.
        apr_pool_userdata_set(found, key, nullptr, pool);
    }
    auto *data = static_cast<Data *>(found);
    return data->head == head ? data : nullptr;
}

}  // namespace stickybalancer
