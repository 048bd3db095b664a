// SPDX-License-Identifier: Apache-2.0
//
// What is due once a second is done without requests, too: a health check's verdict counts, and is told,
// while nobody asks for anything.
// Caught if: states are followed only when the next request comes.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Idle : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
};

}  // namespace

BOOST_AUTO_TEST_SUITE(idle_server_test)

BOOST_FIXTURE_TEST_CASE(a_checks_verdict_is_told_while_nobody_asks, Idle)
{
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b hcmethod=TCP hcinterval=1 hcfails=1 hcpasses=1
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    allow_failed_connections();
    httpd.log().allow("AH03301");  // mod_proxy_hcheck disables a member
    httpd.log().allow("AH03302");  // and enables it again
    const auto told = [&](const std::string &text) {
        return wait_until(within(std::chrono::seconds(20)), [&] { return httpd.log().has(text); });
    };
    b.stop();
    BOOST_TEST(told("SB2101"));
    b.start_again();
    BOOST_TEST(told("SB2102"));
    BOOST_TEST(httpd.log().count("SB2101") == 1);
    BOOST_TEST(httpd.log().count("SB2102") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
