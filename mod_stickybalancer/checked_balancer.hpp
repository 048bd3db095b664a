// SPDX-License-Identifier: Apache-2.0
//
// The checks of one balancer's members, in the child that makes them.
//
//   claim what is due -> begin -> libcurl drives it -> end: tell the core -> tell the world
//
// What a child knows that could not run for a while (a machine at its limit, a virtual machine that was paused) is
// little: an answer may have come in time, and was not looked for. Then no check has failed for being late.
//
// Thread safety: the thread that drives the multi handle.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/health_probe.hpp"

namespace stickybalancer {

// At one time, of all balancers.
inline constexpr std::size_t kMostUnderWay = 256;

// What all of a child's checks have in common.
struct CheckDrive {
    CURLM *multi;
    std::size_t under_way = 0;
    apr_time_t looked_at = 0;  // when libcurl was last asked what has ended
    bool was_away = false;     // long before that

    bool is_away(apr_time_t now) const;
};

class CheckedBalancer {
public:
    CheckedBalancer(Attached &attached, apr_pool_t *pool) : attached_(attached), pool_(pool) {}

    // False: another process makes them, or there are none. `next`: when something is due again.
    bool begin_due(apr_pool_t *pool, CheckDrive &drive, apr_time_t now, apr_time_t &next);
    void end(apr_pool_t *pool, CheckDrive &drive, HealthProbe &probe, CURLcode code,
             apr_time_t now);
    void give_up(CheckDrive &drive);
    // Gives up, and lets another process make them.
    void yield(CheckDrive &drive);
    bool has(const HealthProbe &probe) const;

private:
    void begin(apr_pool_t *pool, CheckDrive &drive, apr_time_t now, const sb_due_probe &due);
    void note(apr_pool_t *pool, const HealthProbe &probe, const ProbeEnd &end, apr_time_t now);
    void complain(apr_pool_t *pool, apr_time_t now, proxy_worker &worker, const char *why);
    void watch_room(bool is_full, apr_time_t now);

    Attached &attached_;
    apr_pool_t *pool_;  // members are never taken away while a child lives, nor are their checks
    std::vector<std::unique_ptr<HealthProbe>> probes_;  // by place; null where none was made yet
    apr_time_t complained_at_ = 0;
    apr_time_t full_since_ = 0;  // 0: there is room
    apr_time_t told_full_at_ = 0;
};

}  // namespace stickybalancer
