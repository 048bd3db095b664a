// SPDX-License-Identifier: Apache-2.0
//
// When the clients of a standby go home, as failback= says it.
#pragma once

#include <cstdint>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

enum class FailbackMode { kNever, kIdle, kImmediate };

struct Failback {
    FailbackMode mode;
    std::int64_t idle_us;  // kIdle: how long the client has asked for nothing; else 0
};

// Null, and `failback`; or what is wrong.
const char *parse_failback(cmd_parms *cmd, const char *text, const Failback *&failback);

}  // namespace stickybalancer
