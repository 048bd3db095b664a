// SPDX-License-Identifier: Apache-2.0
//
// Which failures may be tried on another member. A failed attempt is a first GET without a body unless a
// test says more.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/selection/retry_rules.hpp"

using namespace stickybalancer::selection;
namespace data = boost::unit_test::data;

namespace {

FailedAttempt failed(FailureKind kind, std::uint32_t status = 0)
{
    return {kind, status, 1, true, true};
}

RetryRules on_everything()
{
    RetryRules rules;
    rules.on_timeout = true;
    rules.on_status.set();
    return rules;
}

const FailureKind kSent[] = {FailureKind::kReset, FailureKind::kTimeout, FailureKind::kStatus};

}  // namespace

BOOST_AUTO_TEST_SUITE(retry_rules_test)

BOOST_AUTO_TEST_CASE(what_is_not_listed_is_not_tried_again)
{
    RetryRules none;
    none.on_connect = none.on_reset = false;
    BOOST_TEST(!may_retry(none, failed(FailureKind::kConnect)));
    BOOST_TEST(!may_retry(none, failed(FailureKind::kReset)));
    BOOST_TEST(!may_retry(RetryRules(), failed(FailureKind::kTimeout)));
    BOOST_TEST(!may_retry(RetryRules(), failed(FailureKind::kStatus, 503)));
    BOOST_TEST(may_retry(RetryRules(), failed(FailureKind::kConnect)));
    BOOST_TEST(may_retry(RetryRules(), failed(FailureKind::kReset)));
}

BOOST_AUTO_TEST_CASE(statuses_are_listed_one_by_one)
{
    RetryRules rules;
    rules.on_status.set(0).set(503 - kLeastRetryStatus).set(599 - kLeastRetryStatus);
    for (const auto status : {400U, 503U, 599U})
        BOOST_TEST(may_retry(rules, failed(FailureKind::kStatus, status)), status);
    for (const auto status : {0U, 200U, 399U, 401U, 502U, 504U, 600U, 4'000'000'000U})
        BOOST_TEST(!may_retry(rules, failed(FailureKind::kStatus, status)), status);
}

BOOST_DATA_TEST_CASE(what_was_sent_is_repeated_where_the_method_allows_it, data::make({0, 1, 2}), i)
{
    auto attempt = failed(kSent[i], 503);
    auto rules = on_everything();
    BOOST_TEST(may_retry(rules, attempt));
    attempt.is_idempotent = false;
    BOOST_TEST(!may_retry(rules, attempt));
    rules.any_method = true;
    BOOST_TEST(may_retry(rules, attempt));
    attempt.has_whole_body = false;
    BOOST_TEST(!may_retry(rules, attempt));
}

BOOST_AUTO_TEST_CASE(what_was_not_sent_goes_elsewhere_whatever_the_method)
{
    auto attempt = failed(FailureKind::kConnect);
    attempt.is_idempotent = false;
    BOOST_TEST(may_retry(RetryRules(), attempt));
    attempt.has_whole_body = false;
    BOOST_TEST(!may_retry(RetryRules(), attempt));
}

BOOST_AUTO_TEST_CASE(attempts_have_an_end_and_connections_one_of_their_own)
{
    RetryRules rules;
    rules.most_attempts = 2;
    rules.most_after_connect = 5;
    auto reset = failed(FailureKind::kReset), refused = failed(FailureKind::kConnect);
    BOOST_TEST(may_retry(rules, reset));
    reset.attempts = 2;
    BOOST_TEST(!may_retry(rules, reset));
    refused.attempts = 4;
    BOOST_TEST(may_retry(rules, refused));
    refused.attempts = 5;
    BOOST_TEST(!may_retry(rules, refused));
}

BOOST_AUTO_TEST_SUITE_END()
