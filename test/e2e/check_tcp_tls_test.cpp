// SPDX-License-Identifier: Apache-2.0
//
// Checks that open a connection, and checks that make a TLS handshake.
// Caught if: a port that accepts and serves nobody passes for a TLS server, a closed one for anything, a check
// leaves its connection open, or a server that accepts and is silent is told as one that nobody reaches.
#include <sys/socket.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"
#include "test/support/socket.hpp"

using namespace stickybalancer::test;
namespace data = boost::unit_test::data;

namespace {

struct CheckedTls : Scenario {
    FakeMember a = start_member("a", MemberKind::kHttps), b = start_member("b", MemberKind::kHttps);
};

// Connections to it are made by the kernel, and nobody reads from them.
struct Silent : Scenario {
    FakeMember a = start_member("a");
    const ReservedPort port;
    const Fd listening = listen_on(port);
    std::vector<Fd> waiting;

    // The queue of those that nobody has accepted is full.
    void accept_no_more()
    {
        BOOST_REQUIRE(::listen(listening.number(), 0) == 0);
        waiting.push_back(connect_to(port.number()));
    }
    void start(const std::string &check)
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "https://127.0.0.1:)" +
                    std::to_string(port.number()) + R"(" route=silent
                StickyCookie insert
                StickyCheck )" +
                    check + R"( member=silent interval=900ms timeout=300ms
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
};

struct OverTls {
    std::string line, shown;
};
const OverTls kOverTls[] = {{"tls", "tls"}, {"http uri=/running", "HEAD /running"}};
std::ostream &operator<<(std::ostream &out, const OverTls &check) { return out << check.line; }

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

BOOST_DATA_TEST_CASE(a_server_that_accepts_and_is_silent_makes_no_handshake, data::make(kOverTls),
                     check)
{
    Silent server;
    server.start(check.line);
    server.httpd.log().expect("is down: check " + check.shown + ": no handshake in time in ");
}

BOOST_DATA_TEST_CASE(one_that_accepts_no_more_is_not_connected_to, data::make(kOverTls), check)
{
    Silent server;
    server.accept_no_more();
    server.start(check.line);
    server.httpd.log().expect("is down: check " + check.shown + ": no connection in time in ");
}

BOOST_AUTO_TEST_SUITE_END()
