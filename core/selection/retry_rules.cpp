// SPDX-License-Identifier: Apache-2.0
#include "core/selection/retry_rules.hpp"

namespace stickybalancer::selection {
namespace {

bool is_listed(const RetryRules &rules, const FailedAttempt &failed) noexcept
{
    switch (failed.kind) {
    case FailureKind::kConnect: return rules.on_connect;
    case FailureKind::kReset: return rules.on_reset;
    case FailureKind::kTimeout: return rules.on_timeout;
    case FailureKind::kStatus: break;
    }
    return failed.status >= kLeastRetryStatus && failed.status <= kMostRetryStatus &&
           rules.on_status[failed.status - kLeastRetryStatus];
}

}  // namespace

bool may_retry(const RetryRules &rules, const FailedAttempt &failed) noexcept
{
    const bool is_unsent = failed.kind == FailureKind::kConnect;
    const auto most = is_unsent ? rules.most_after_connect : rules.most_attempts;
    return is_listed(rules, failed) && failed.has_whole_body && failed.attempts < most &&
           (is_unsent || failed.is_idempotent || rules.any_method);
}

}  // namespace stickybalancer::selection
