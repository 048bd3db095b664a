// SPDX-License-Identifier: Apache-2.0
#include "core/selection/retry_rules.hpp"
#include "core/include/stickybalancer/stickybalancer.h"

using namespace stickybalancer;

namespace {

static_assert(static_cast<int>(selection::FailureKind::kConnect) == SB_FAILED_CONNECT &&
              static_cast<int>(selection::FailureKind::kReset) == SB_FAILED_RESET &&
              static_cast<int>(selection::FailureKind::kTimeout) == SB_FAILED_TIMEOUT &&
              static_cast<int>(selection::FailureKind::kStatus) == SB_FAILED_STATUS);
static_assert(selection::kLeastRetryStatus == SB_RETRY_STATUS_MIN &&
              selection::kMostRetryStatus == SB_RETRY_STATUS_MAX &&
              selection::RetryStatuses().size() <= 64 * SB_RETRY_STATUS_WORDS);

bool has(std::uint32_t failures, sb_failure failure) { return (failures >> failure & 1) != 0; }

selection::RetryRules rules_of(const sb_retry_rules &rules)
{
    selection::RetryRules out;
    out.on_connect = has(rules.failures, SB_FAILED_CONNECT);
    out.on_reset = has(rules.failures, SB_FAILED_RESET);
    out.on_timeout = has(rules.failures, SB_FAILED_TIMEOUT);
    for (std::size_t i = 0; i < out.on_status.size(); ++i)
        out.on_status[i] = (rules.statuses[i / 64] >> i % 64 & 1) != 0;
    out.any_method = rules.any_method != 0;
    out.most_attempts = rules.most_attempts;
    out.most_after_connect = rules.most_after_connect;
    return out;
}

}  // namespace

int sb_may_retry(const sb_retry_rules *rules, const sb_failed_attempt *failed)
{
    if (rules->struct_size != sizeof(*rules) || failed->struct_size != sizeof(*failed) ||
        failed->failure > SB_FAILED_STATUS)
        return 0;
    return selection::may_retry(
        rules_of(*rules),
        {static_cast<selection::FailureKind>(failed->failure), failed->status, failed->attempts,
         failed->is_idempotent != 0, failed->has_whole_body != 0});
}
