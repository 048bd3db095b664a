// SPDX-License-Identifier: Apache-2.0
//
// What a client is known by, other than our cookie: the KEY of StickyHash and of StickyOn.
//
//   cookie:NAME   the cookie's first value that is not empty
//   header:NAME   the request's header
//   query:NAME    the parameter of the query string, as it was sent: nothing is decoded
//   path:NAME     the path parameter ";NAME=value" of the path as httpd keeps it: what needed no
//                 escape is decoded, nothing else
//   client        the client's address, as mod_remoteip has it, in its shortest form; an IPv4 address
//                 that came over IPv6 counts as IPv4. client/24, client/24/64: so many bits of it,
//                 the others are 0; the second number is for IPv6
//   expr:TEXT     what the ap_expr string gives
//
// A value is never cut: whoever keeps it stores a digest.
//
// Thread safety: made while the configuration is read, read-only afterwards. Lifetime: pconf.
#pragma once

#include <optional>
#include <string_view>

#include <ap_expr.h>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct PersistenceKey {
    enum class Kind { kCookie, kHeader, kQuery, kPath, kClient, kExpression };

    Kind kind;
    // kCookie, kHeader (NUL behind it), kQuery, kPath; of kExpression its text.
    std::string_view name;
    int ipv4_bits;  // kClient
    int ipv6_bits;
    const ap_expr_info_t *expression;  // kExpression
    const char *file;                  // where it was written; null: nowhere, it is the default
    int line;

    // None where the request has no such value, or an empty one. Valid as long as the request, which
    // it may point into. Cost: one pass over the header, path or query; client and expr: take from
    // the request's pool.
    std::optional<std::string_view> read(request_rec *r) const;
    // Of kCookie, the value behind one that was read; of the others, none.
    std::optional<std::string_view> read_next(std::string_view value) const;
};

// Whether every request has the same value for both.
bool is_same_key(const PersistenceKey &one, const PersistenceKey &other);

// Null, and `key`; or what is wrong.
const char *parse_persistence_key(cmd_parms *cmd, const char *text, const PersistenceKey *&key);

// As it is written in a configuration.
const char *key_text(apr_pool_t *pool, const PersistenceKey &key);

// Of a balancer that names none: client.
extern const PersistenceKey default_persistence_key;

}  // namespace stickybalancer
