// SPDX-License-Identifier: Apache-2.0
//
// Small operations on tables of headers.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Calls function(entry) for each entry of this name, which begins with `initial` in lower case: the
// first letter spares nearly every header the comparison. An entry's value may be replaced.
template <typename Function>
void for_each_header(const apr_table_t *headers, char initial, const char *name,
                     Function &&function)
{
    const auto *entries = apr_table_elts(headers);
    for (int i = 0; i < entries->nelts; ++i)
        if (auto &entry = APR_ARRAY_IDX(entries, i, apr_table_entry_t);
            (*entry.key | 0x20) == initial && ap_cstr_casecmp(entry.key, name) == 0)
            function(entry);
}

// Takes out the entries that should_go(entry) is true of; the others stay as they are, each its own
// line.
template <typename Predicate>
void remove_headers(apr_pool_t *pool, apr_table_t *headers, const Predicate &should_go)
{
    const auto *all = apr_table_elts(apr_table_copy(pool, headers));
    apr_table_clear(headers);
    for (int i = 0; i < all->nelts; ++i)
        if (const auto &entry = APR_ARRAY_IDX(all, i, apr_table_entry_t); !should_go(entry))
            apr_table_addn(headers, entry.key, entry.val);
}

}  // namespace stickybalancer
