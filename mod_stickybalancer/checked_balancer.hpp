// SPDX-License-Identifier: Apache-2.0
//
// The checks of one balancer's members, in the child that makes them.
//
//   claim what is due -> begin -> libcurl drives it -> end: tell the core -> tell the world
//
// Members that are one server under two names (a backup of itself, say) have one question, and what one is answered
// counts for all: the server is asked once an interval.
//
// What a child knows that could not run for a while (a machine at its limit, a virtual machine that was paused) is
// little: an answer may have come in time, and was not looked for. Then no check has failed for being late.
//
// Thread safety: the thread that drives the multi handle.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <map>
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
    // Of those who share a question.
    struct Askers {
        std::vector<const HealthProbe *> probes;
        apr_time_t asked_at = 0;  // when one of them did; 0: the answer said nothing
    };

    void begin(apr_pool_t *pool, CheckDrive &drive, apr_time_t now, const sb_due_probe &due);
    std::unique_ptr<HealthProbe> &probe_of(const sb_due_probe &due);
    void forget(std::unique_ptr<HealthProbe> &probe);
    Askers &askers_of(const HealthProbe &probe) { return askers_[probe.question(attached_)]; }
    bool was_asked_by_another(const HealthProbe &probe, apr_time_t now);
    void note_all(apr_pool_t *pool, const HealthProbe &probe, const ProbeEnd &end, apr_time_t now);
    void note(apr_pool_t *pool, const HealthProbe &probe, const ProbeEnd &end, apr_time_t now);
    void complain(apr_pool_t *pool, apr_time_t now, proxy_worker &worker, const char *why);
    void watch_room(bool is_full, apr_time_t now);

    Attached &attached_;
    apr_pool_t *pool_;  // members are never taken away while a child lives, nor are their checks
    std::vector<std::unique_ptr<HealthProbe>> probes_;  // by place; null where none was made yet
    std::map<Question, Askers> askers_;
    apr_time_t complained_at_ = 0;
    apr_time_t full_since_ = 0;  // 0: there is room
    apr_time_t told_full_at_ = 0;
};

}  // namespace stickybalancer
