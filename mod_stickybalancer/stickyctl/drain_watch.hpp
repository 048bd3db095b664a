// SPDX-License-Identifier: Apache-2.0
//
// What a drain has come to, told from one look at the member after another. It knows no server and no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/json_fields.hpp"
#include "mod_stickybalancer/stickyctl/times.hpp"

namespace stickybalancer::stickyctl {

using MonotonicTime = std::chrono::steady_clock::time_point;

// "12 sessions, 3 requests under way, last seen 4s ago, the last can expire at 14:05:10 UTC (in 12min)"
std::string what_is_left(const Json &member, Instant now);

struct DrainVerdict {
    std::optional<ExitCode> end;  // nothing: look again
    std::string text;             // what can be said now
};

// It is over when two looks in a row find nobody: a request that was placed as the drain began may not have been
// counted yet when the first looks.
class DrainWatch {
public:
    // `limit`: of --timeout; zero for none. A server that restarts is away for a moment; for how long that is
    // taken for granted is `patience`.
    DrainWatch(MonotonicTime begin, milliseconds limit, milliseconds patience)
        : begin_(begin), limit_(limit), patience_(patience)
    {
    }

    DrainVerdict saw(const Json &member, MonotonicTime time, Instant now);
    DrainVerdict saw_nothing(const Failure &failure, MonotonicTime time);

private:
    std::optional<ExitCode> out_of_time(MonotonicTime time) const;

    MonotonicTime begin_;
    milliseconds limit_, patience_;
    std::optional<MonotonicTime> away_since_;
    bool was_nobody_there_ = false;
};

}  // namespace stickybalancer::stickyctl
