// SPDX-License-Identifier: Apache-2.0
//
// What the sessions of a balancer are known by: its StickyOn lines, with their defaults filled in.
//
// A key is read as persistence_key.hpp says; one without a value is not there.
//
// Thread safety: made in post_config (session_lines.hpp), read-only afterwards. Lifetime: pconf.
#pragma once

#include <cstdint>

#include "mod_stickybalancer/persistence_key.hpp"

namespace stickybalancer {

struct SessionKey {
    const PersistenceKey *key;
    // Of sb_balancer_session(): a session id is the same session whether it comes in a cookie, the path
    // or a header; an address never is a session id.
    std::uint32_t kind;
    bool learns_from_request;
    bool learns_from_response;
    const ap_expr_info_t *condition;  // null: always
};

}  // namespace stickybalancer
