// SPDX-License-Identifier: Apache-2.0
//
// StickyMonitorNet: a balancer in front that looks whether the server is there gets an answer at once.
// Caught if: a monitor has to send something first, is reset, is logged or reaches a member, or a client is
// taken for a monitor.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kAnswer = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const std::string kMonitor = "127.0.0.9", kRequest = "GET / HTTP/1.0\r\n\r\n";

struct Monitored : Scenario {
    FakeMember a = start_member("a");

    void start(const std::string &lines, const HttpdOptions &options = {})
    {
        start_httpd(lines + R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )",
                    options);
    }
    std::string ask(const std::string &source, const std::string &bytes) const
    {
        RawConnection connection(httpd.port(), source);
        connection.send(bytes);
        return connection.read_to_end();
    }
    void expect_client(const std::string &source) const
    {
        const auto answer =
            new_browser({.port = httpd.port(), .source = source}).get("/from/" + source);
        BOOST_TEST(answer.member == "a", source << ": " << answer);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(monitor_net_test)

BOOST_FIXTURE_TEST_CASE(who_says_nothing_is_answered_at_once, Monitored)
{
    start("StickyMonitorNet 127.0.0.9");
    BOOST_TEST(RawConnection(httpd.port(), kMonitor).read_to_end() == kAnswer);
    httpd.graceful();
    BOOST_TEST(RawConnection(httpd.port(), kMonitor).read_to_end() == kAnswer);
}

BOOST_FIXTURE_TEST_CASE(whatever_it_sends_it_is_answered_and_not_reset, Monitored)
{
    start("StickyMonitorNet 127.0.0.9");
    BOOST_TEST(ask(kMonitor, kRequest) == kAnswer);
    RawConnection talkative(httpd.port(), kMonitor);
    talkative.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
    BOOST_TEST(talkative.read(kAnswer.size()) == kAnswer);
    for (int i = 0; i < 4; ++i)
        talkative.send(std::string(50000, 'x'));  // throws where the connection was reset
    talkative.finish_sending();
    BOOST_TEST(talkative.read_to_end() == "");
}

BOOST_FIXTURE_TEST_CASE(it_is_not_logged_and_reaches_no_member, Monitored)
{
    start("StickyMonitorNet 127.0.0.9");
    for (int i = 0; i < 20; ++i) {
        RawConnection(httpd.port(), kMonitor).read_to_end();
        ask(kMonitor, kRequest);
    }
    expect_client("127.0.0.1");
    const auto lines = httpd.access_log().wait_for(1);
    BOOST_TEST(lines.size() == 1u);
    BOOST_TEST(lines[0].at("uri") == "/from/127.0.0.1");
    BOOST_TEST(a.requests().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(networks_begin_and_end_where_they_say, Monitored)
{
    start("StickyMonitorNet 127.0.0.24/29 127.0.1.0/24\nStickyMonitorNet 127.2.0.0/15");
    for (const auto *monitor :
         {"127.0.0.24", "127.0.0.31", "127.0.1.0", "127.0.1.255", "127.2.0.0", "127.3.255.255"})
        BOOST_TEST(ask(monitor, kRequest) == kAnswer, monitor);
    for (const auto *client :
         {"127.0.0.1", "127.0.0.23", "127.0.0.32", "127.0.2.0", "127.1.255.255", "127.4.0.0"})
        expect_client(client);
}

BOOST_FIXTURE_TEST_CASE(ipv6, Monitored)
{
    start("Listen [::1]:{port.six}\nStickyMonitorNet ::/127");
    BOOST_TEST(RawConnection(httpd.port("six"), "", "::1").read_to_end() == kAnswer);
    expect_client("127.0.0.1");
}

BOOST_FIXTURE_TEST_CASE(an_ipv6_network_of_everybody_is_none_of_ipv4, Monitored)
{
    start("Listen [::1]:{port.six}\nStickyMonitorNet ::/0");
    BOOST_TEST(RawConnection(httpd.port("six"), "", "::1").read_to_end() == kAnswer);
    expect_client("127.0.0.1");
}

BOOST_FIXTURE_TEST_CASE(ipv4_over_a_socket_of_ipv6, Monitored)
{
    start("Listen [::ffff:127.0.0.1]:{port.both}\nStickyMonitorNet 127.0.0.9/32");
    BOOST_TEST(RawConnection(httpd.port("both"), kMonitor).read_to_end() == kAnswer);
    RawConnection client(httpd.port("both"), "127.0.0.8");
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    BOOST_TEST(client.read_response().member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_virtual_host_has_monitors_of_its_own, Monitored)
{
    start(R"(
        StickyMonitorNet 127.0.0.9
        Listen 127.0.0.1:{port.own}
        <VirtualHost 127.0.0.1:{port.own}>
            StickyMonitorNet 127.0.0.11
        </VirtualHost>
        Listen 127.0.0.1:{port.heir}
        <VirtualHost 127.0.0.1:{port.heir}>
        </VirtualHost>
    )");
    const auto ask_at = [&](const char *port, const std::string &source) {
        RawConnection connection(httpd.port(port), source);
        connection.send(kRequest);
        return connection.read_to_end();
    };
    BOOST_TEST(ask_at("own", "127.0.0.11") == kAnswer);
    BOOST_TEST(ask_at("own", kMonitor) != kAnswer);
    BOOST_TEST(ask_at("heir", kMonitor) == kAnswer);
    BOOST_TEST(ask(kMonitor, kRequest) == kAnswer);
    BOOST_TEST(ask("127.0.0.11", kRequest) != kAnswer);
}

BOOST_FIXTURE_TEST_CASE(a_listener_with_tls_is_closed_without_a_handshake, Monitored)
{
    start("StickyMonitorNet 127.0.0.9", {.tls = true});
    BOOST_TEST(RawConnection(httpd.tls_port(), kMonitor).read_to_end() == "");
    RawConnection hello(httpd.tls_port(), kMonitor);
    BOOST_TEST(hello.read_to_end() == "");
    Browser client = new_browser(options_for(httpd, Protocol::kHttp1Tls));
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(httpd.access_log().wait_for(1).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
