// SPDX-License-Identifier: Apache-2.0
//
// A member as one request sees it that was sent there on the administrator's word, whatever its
// state.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// mod_proxy refuses to connect to a member that is failed, disabled or stopped. This copy says that
// it is usable; what happens to it stays with the request, and nobody else sees a change.
proxy_worker *forced_member(const proxy_worker &member, apr_pool_t *pool);

}  // namespace stickybalancer
