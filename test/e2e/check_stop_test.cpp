// SPDX-License-Identifier: Apache-2.0
//
// Children end in the midst of TLS checks. httpd does not wait for the thread that makes them, and exit() takes OpenSSL
// down beneath it.
// Caught if: a child crashes as it ends. Without anybody who waits it did at one stop of five.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(check_stop_test)

BOOST_FIXTURE_TEST_CASE(a_child_that_checks_ends_in_peace, Scenario)
{
    const auto member = start_member("a", MemberKind::kHttps);
    std::string members;
    for (int i = 10; i < 30; ++i)
        members += "BalancerMember \"{a.url}/" + std::to_string(i) + "\" route=m" +
                   std::to_string(i) + "\n";
    start_httpd("<Proxy \"balancer://app\">\n" + members + R"(
            StickyCookie insert
            StickyCheck tls interval=100ms timeout=90ms fall=1000
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    for (int i = 0; i < 15; ++i) {
        const auto before = member.accepted_count();
        BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                              [&] { return member.accepted_count() > before + 40; }));
        httpd.stop();
        httpd.start_again();
    }
}

BOOST_AUTO_TEST_SUITE_END()
