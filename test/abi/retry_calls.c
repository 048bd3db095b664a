/* SPDX-License-Identifier: Apache-2.0
 *
 * Which failed attempts may be made again.
 */
#include "test/abi/c_abi.h"

static sb_retry_rules plain_rules(void)
{
    sb_retry_rules rules;
    memset(&rules, 0, sizeof(rules));
    rules.struct_size = sizeof(rules);
    rules.failures = 1u << SB_FAILED_CONNECT | 1u << SB_FAILED_TIMEOUT;
    rules.most_attempts = 3;
    rules.most_after_connect = 4;
    return rules;
}

static sb_failed_attempt failed(sb_failure failure)
{
    sb_failed_attempt attempt;
    memset(&attempt, 0, sizeof(attempt));
    attempt.struct_size = sizeof(attempt);
    attempt.failure = failure;
    attempt.attempts = 1;
    attempt.is_idempotent = 1;
    attempt.has_whole_body = 1;
    return attempt;
}

static int may(const sb_retry_rules *rules, sb_failed_attempt attempt)
{
    return sb_may_retry(rules, &attempt);
}

static void failures_are_bits(void)
{
    const sb_retry_rules rules = plain_rules();
    CHECK(may(&rules, failed(SB_FAILED_CONNECT)) != 0);
    CHECK(may(&rules, failed(SB_FAILED_TIMEOUT)) != 0);
    CHECK(may(&rules, failed(SB_FAILED_RESET)) == 0);
}

static void statuses_are_bits_of_words(void)
{
    sb_retry_rules rules = plain_rules();
    sb_failed_attempt attempt = failed(SB_FAILED_STATUS);
    rules.statuses[(503 - SB_RETRY_STATUS_MIN) / 64] |= 1ull << (503 - SB_RETRY_STATUS_MIN) % 64;
    attempt.status = 503;
    CHECK(may(&rules, attempt) != 0);
    attempt.status = 502;
    CHECK(may(&rules, attempt) == 0);
}

static void attempts_and_what_was_sent_count(void)
{
    sb_retry_rules rules = plain_rules();
    sb_failed_attempt timeout = failed(SB_FAILED_TIMEOUT), refused = failed(SB_FAILED_CONNECT);
    timeout.attempts = refused.attempts = 3;
    CHECK(may(&rules, timeout) == 0 && may(&rules, refused) != 0);
    timeout.attempts = 1;
    timeout.is_idempotent = 0;
    CHECK(may(&rules, timeout) == 0);
    rules.any_method = 1;
    CHECK(may(&rules, timeout) != 0);
    timeout.has_whole_body = 0;
    CHECK(may(&rules, timeout) == 0);
}

static void what_is_not_known_is_not_tried_again(void)
{
    sb_retry_rules rules = plain_rules();
    sb_failed_attempt attempt = failed(SB_FAILED_CONNECT);
    attempt.failure = SB_FAILED_STATUS + 1;
    CHECK(may(&rules, attempt) == 0);
    attempt = failed(SB_FAILED_CONNECT);
    attempt.struct_size = 1;
    CHECK(may(&rules, attempt) == 0);
    rules.struct_size = 1;
    CHECK(may(&rules, failed(SB_FAILED_CONNECT)) == 0);
}

const test retry_tests[] = {failures_are_bits, statuses_are_bits_of_words,
                            attempts_and_what_was_sent_count, what_is_not_known_is_not_tried_again,
                            NULL};
