// SPDX-License-Identifier: Apache-2.0
//
// A member as one request sees it that was sent there whatever its state: on the administrator's word
// (sticky-force), because its client persists although it is down, or because it tries the member (trial.hpp).
#pragma once

#include "core/include/stickybalancer/stickybalancer.h"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

inline bool is_wanted_whatever_its_state(const sb_pick &pick)
{
    return pick.cause == SB_CAUSE_FORCED || pick.cause == SB_CAUSE_PERSIST;
}

// mod_proxy refuses to connect to a member that is failed, disabled or stopped. This copy says that
// it is usable; what happens to it stays with the request, and nobody else sees a change.
proxy_worker *forced_member(const proxy_worker &member, apr_pool_t *pool);
// The same of a member that failed, and is tried; what else an operator said of it counts.
proxy_worker *unmarked_copy(const proxy_worker &member, apr_pool_t *pool);

}  // namespace stickybalancer
