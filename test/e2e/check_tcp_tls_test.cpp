// SPDX-License-Identifier: Apache-2.0
//
// Checks that open a connection, and checks that make a TLS handshake.
// Caught if: a port that accepts and serves nobody passes for a TLS server, a closed one for anything, or a check
// leaves its connection open.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct CheckedTls : Scenario {
    FakeMember a = start_member("a", MemberKind::kHttps), b = start_member("b", MemberKind::kHttps);
};

}  // namespace

BOOST_AUTO_TEST_SUITE(check_tcp_tls_test)

BOOST_FIXTURE_TEST_CASE(a_closed_port_takes_a_member_down_and_an_open_one_brings_it_back, Checked)
{
    start("StickyCheck tcp interval=200ms");
    BOOST_TEST(
        wait_until(within(std::chrono::seconds(10)), [&] { return b.accepted_count() >= 3; }));
    BOOST_TEST(b.requests().empty());
    BOOST_TEST(wait_until(within(std::chrono::seconds(5)), [&] { return b.open_count() == 0; }));
    b.stop();
    httpd.log().expect("SB2104");
    BOOST_TEST(httpd.log().has("is down: check tcp: Connection refused in "));
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"a", 10}}));
    b.start_again();
    BOOST_TEST(wait_shown(1, "Actual", "up"));
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
    BOOST_TEST(httpd.log().has("is up again: check tcp: connected in "));
}

BOOST_FIXTURE_TEST_CASE(who_accepts_and_serves_nobody_passes_for_tcp_but_not_for_tls, Checked)
{
    start(
        "StickyCheck tcp interval=200ms\n"
        "StickyCheck tls interval=200ms port={b.port} member=b");
    httpd.log().expect("SB2104");  // b speaks HTTP
    BOOST_TEST(httpd.log().has("is down: check tls: "));
    BOOST_TEST(shown(0, "Actual") == "up");
    BOOST_TEST(shown(1, "Actual") == "down");
}

BOOST_FIXTURE_TEST_CASE(a_tls_server_passes_until_it_only_accepts, CheckedTls)
{
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert
            StickyCheck tls interval=200ms
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    BOOST_TEST(
        wait_until(within(std::chrono::seconds(10)), [&] { return b.accepted_count() >= 4; }));
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
    b.close_after_accept(true);
    httpd.log().expect("SB2104");
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"a", 10}}));
    b.close_after_accept(false);
    httpd.log().expect("is up again: check tls: handshake in ");
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
}

BOOST_FIXTURE_TEST_CASE(a_request_over_tls_is_what_http_means_for_a_member_with_tls, CheckedTls)
{
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert
            StickyCheck http uri=/running interval=200ms
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    BOOST_TEST(Checked::wait_for_checks(a, "/running", 3));
    b.on("/running", Answer{.status = 500});
    httpd.log().expect("SB2104");
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"a", 10}}));
}

BOOST_AUTO_TEST_SUITE_END()
