// SPDX-License-Identifier: Apache-2.0
//
// StickyRetry: its options, and what is wrong with them.
// Caught if: a failure that there is not is accepted, or a number outside its range.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/config_lines.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<ConfigLine> kLines = {
    {"StickyRetry", {}},
    {"StickyRetry on=connect", {}},
    {"StickyRetry on=connect,reset,timeout,502,503,504 attempts=3 methods=idempotent body=64k", {}},
    {"StickyRetry on=Timeout,400,599 attempts=100 methods=all body=16m", {}},
    {"StickyRetry attempts=1 body=0", {}},

    {"StickyRetry on=", {"has '', which is not known", "connect, reset, timeout"}},
    {"StickyRetry on=refused", {"has 'refused', which is not known", "connect, reset, timeout"}},
    {"StickyRetry on=connect,,reset", {"has '', which is not known"}},
    {"StickyRetry on=399", {"has '399', which is not known", "400 to 599"}},
    {"StickyRetry on=503,600", {"has '600', which is not known", "400 to 599"}},
    {"StickyRetry on=5xx", {"has '5xx', which is not known"}},
    {"StickyRetry attempts=0", {"'0'", "1 to 100"}},
    {"StickyRetry attempts=101", {"'101'", "1 to 100"}},
    {"StickyRetry methods=post", {"'post'", "idempotent", "all"}},
    {"StickyRetry body=17m", {"'17m'", "16777216"}},
    {"StickyRetry body=-1", {"'-1'"}},
    {"StickyRetry tries=3", {"'tries=3' is not an option", "on=, attempts=, methods=, body="}},
    {"StickyRetry on=reset on=connect", {"on= is given twice"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_retry_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_line_is_right_or_refused, boost::unit_test::data::make(kLines))
{
    check_line(*this, sample);
}

BOOST_FIXTURE_TEST_CASE(it_stands_in_a_balancers_section_only, Scenario)
{
    const auto result = httpd.config_test("\nStickyRetry attempts=2\n" + section_with(""));
    BOOST_TEST(!result.accepted());
    BOOST_TEST(result.says("StickyRetry: it is about one balancer"), result.output);
}

BOOST_AUTO_TEST_SUITE_END()
