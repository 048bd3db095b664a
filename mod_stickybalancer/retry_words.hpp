// SPDX-License-Identifier: Apache-2.0
//
// Which failures StickyRetry on= names.
#pragma once

#include <cstdint>

#include "core/include/stickybalancer/stickybalancer.h"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct RetryOn {
    std::uint32_t failures;  // as sb_retry_rules has them
    std::uint64_t statuses[SB_RETRY_STATUS_WORDS];

    bool has_statuses() const;
    bool has(sb_failure failure) const { return (failures >> failure & 1) != 0; }
};

// What holds where nothing is said.
extern const RetryOn default_retry_on;

// Null, and `on`; or what is wrong.
const char *parse_retry_on(cmd_parms *cmd, const char *text, const RetryOn *&on);

}  // namespace stickybalancer
