// SPDX-License-Identifier: Apache-2.0
//
// The rules of retries as they come over the C ABI: every status has its bit, every failure its own.
#include <boost/test/unit_test.hpp>

#include "core/include/stickybalancer/stickybalancer.h"

namespace {

sb_retry_rules empty_rules()
{
    sb_retry_rules rules{};
    rules.struct_size = sizeof(rules);
    rules.most_attempts = rules.most_after_connect = 2;
    return rules;
}

bool may_retry(const sb_retry_rules &rules, std::uint32_t failure, std::uint32_t status = 0)
{
    const sb_failed_attempt failed{sizeof(sb_failed_attempt), failure, status, 1, 1, 1};
    return sb_may_retry(&rules, &failed) != 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retries_test)

BOOST_AUTO_TEST_CASE(each_status_has_a_bit_of_its_own)
{
    for (std::uint32_t listed = SB_RETRY_STATUS_MIN; listed <= SB_RETRY_STATUS_MAX; ++listed) {
        auto rules = empty_rules();
        rules.statuses[(listed - SB_RETRY_STATUS_MIN) / 64] =
            std::uint64_t{1} << (listed - SB_RETRY_STATUS_MIN) % 64;
        for (std::uint32_t status = 300; status < 700; ++status)
            if (may_retry(rules, SB_FAILED_STATUS, status) != (status == listed))
                BOOST_ERROR(status << " where " << listed << " is listed");
    }
}

BOOST_AUTO_TEST_CASE(each_failure_has_a_bit_of_its_own)
{
    for (const auto listed : {SB_FAILED_CONNECT, SB_FAILED_RESET, SB_FAILED_TIMEOUT}) {
        auto rules = empty_rules();
        rules.failures = 1U << listed;
        for (const auto failure : {SB_FAILED_CONNECT, SB_FAILED_RESET, SB_FAILED_TIMEOUT})
            BOOST_TEST(may_retry(rules, failure) == (failure == listed));
        BOOST_TEST(!may_retry(rules, SB_FAILED_STATUS, 503));
    }
}

BOOST_AUTO_TEST_CASE(what_the_core_does_not_know_is_not_tried_again)
{
    auto rules = empty_rules();
    rules.failures = ~0U;
    BOOST_TEST(!may_retry(rules, SB_FAILED_STATUS + 1));
    rules.struct_size += 8;
    BOOST_TEST(!may_retry(rules, SB_FAILED_CONNECT));
}

BOOST_AUTO_TEST_SUITE_END()
