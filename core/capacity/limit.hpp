// SPDX-License-Identifier: Apache-2.0
//
// How many attempts a member may have under way at once, over all processes.
//
// With minconn the limit follows the load of the whole balancer, as HAProxy has it
// (srv_dynamic_maxconn): while there is little to do a few connections are kept busy and fast, and
// the full number is used when it is needed:
//
//   limit = max(minconn, maxconn * load / full load)     load below the full load
//         = maxconn                                      else
//
// where the load is what is under way and queued at all members, and the full load is the sum of
// their maxconn.
//
//   minconn 10, maxconn 100, three such members: full load 300
//   load     0 to 30   60   150   299   300 and more
//   limit    10        20   50    99    100
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"

namespace stickybalancer::capacity {

// Of one member, as its process is configured.
struct Limits {
    std::uint32_t max_connections = 0;  // 0: no limit, and none of the others counts
    std::uint32_t min_connections = 0;  // 0: the limit is always max_connections
    std::uint32_t max_queue = 0;        // 0: as many as there are records to wait in
    base::DurationUs queue_timeout;     // 0 or less: a request waits until its client has gone
    std::uint64_t full_load = 0;        // the sum of max_connections over the balancer's members
};

constexpr std::uint32_t effective_limit(const Limits &limits, std::uint64_t load) noexcept
{
    if (limits.min_connections == 0 || limits.min_connections >= limits.max_connections ||
        load >= limits.full_load)
        return limits.max_connections;
    // full_load is more than load, and so not 0. The product fits while the load is below 2^32.
    const auto share = std::uint64_t{limits.max_connections} * load / limits.full_load;
    return static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(share, limits.min_connections, limits.max_connections));
}

}  // namespace stickybalancer::capacity
