// SPDX-License-Identifier: Apache-2.0
//
// Whether an attempt that failed may be made again at another member, inside the same request.
//
//   connect   nothing was sent: any method may go elsewhere
//   others    the member may have done what it was asked: only what may be asked twice goes elsewhere, and
//             only with its whole body
//
// That no member is asked twice is the pick's business (PickRequest::tried).
#pragma once

#include <bitset>
#include <cstdint>

namespace stickybalancer::selection {

enum class FailureKind : std::uint8_t {
    kConnect = 0,  // no connection, or it was of no use: nothing was sent
    kReset = 1,    // it ended before an answer
    kTimeout = 2,  // no answer in time
    kStatus = 3,   // this answer
};

constexpr std::uint32_t kLeastRetryStatus = 400;
constexpr std::uint32_t kMostRetryStatus = 599;
using RetryStatuses = std::bitset<kMostRetryStatus - kLeastRetryStatus + 1>;

struct RetryRules {
    bool on_connect = true;
    bool on_reset = true;
    bool on_timeout = false;
    RetryStatuses on_status;
    bool any_method = false;               // else those that may be repeated
    std::uint32_t most_attempts = 3;       // in all
    std::uint32_t most_after_connect = 3;  // the same, where the last could not connect
};

struct FailedAttempt {
    FailureKind kind;
    std::uint32_t status;    // kStatus: of the answer
    std::uint32_t attempts;  // so far
    bool is_idempotent;      // the method (RFC 9110, section 9.2.2)
    bool has_whole_body;     // there is none, or it can be sent from its beginning
};

bool may_retry(const RetryRules &rules, const FailedAttempt &failed) noexcept;

}  // namespace stickybalancer::selection
