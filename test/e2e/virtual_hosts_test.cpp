// SPDX-License-Identifier: Apache-2.0
//
// Balancers where administrators put them: inside virtual hosts, at server level for all hosts, of
// the same name in several hosts.
// Caught if: one host's balancer is taken for another's, a host has no failover or no cookie, or
// balancer-manager's changes do not reach it.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Hosts : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    FakeMember c = start_member("c"), d = start_member("d");

    Browser on_port(const std::string &name) { return new_browser({.port = httpd.port(name)}); }
    void expect_failover(const std::string &port, FakeMember &down, const FakeMember &other)
    {
        Browser client = on_port(port);
        client.add_cookie("ROUTEID", "." + down.name());
        BOOST_TEST(client.get("/").member == down.name());
        down.stop();
        allow_failed_connections();
        const auto answer = client.post("/", std::string(20'000, 'x'));
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.member == other.name());
        BOOST_TEST(answer.set_cookies().size() == 1u);
        BOOST_TEST(answer.set_cookie("ROUTEID").find("ROUTEID=." + other.name() + ";") == 0u);
    }
};

const std::string kOneBalancerEach = R"(
    Listen 127.0.0.1:{port.one}
    Listen 127.0.0.1:{port.two}
    <VirtualHost 127.0.0.1:{port.one}>
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    </VirtualHost>
    <VirtualHost 127.0.0.1:{port.two}>
        <Proxy "balancer://app">
            BalancerMember "{c.url}" route=c
            BalancerMember "{d.url}" route=d
            StickyCookie insert path=/two
        </Proxy>
        ProxyPass "/" "balancer://app/"
    </VirtualHost>
)";

const std::string kOneForAll = R"(
    Listen 127.0.0.1:{port.one}
    Listen 127.0.0.1:{port.two}
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        StickyCookie insert
    </Proxy>
    <VirtualHost 127.0.0.1:{port.one}>
        ProxyPass "/" "balancer://app/"
    </VirtualHost>
    <VirtualHost 127.0.0.1:{port.two}>
        ProxyPass "/" "balancer://app/"
    </VirtualHost>
)";

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_hosts_test)

BOOST_FIXTURE_TEST_CASE(a_balancer_of_its_own_in_each_host, Hosts)
{
    start_httpd(kOneBalancerEach);
    std::set<std::string> one, two;
    for (int i = 0; i < 4; ++i) {
        const auto first = on_port("one").get("/"), second = on_port("two").get("/");
        BOOST_TEST(first.set_cookie("ROUTEID") ==
                   "ROUTEID=." + first.member + "; path=/; HttpOnly; SameSite=Lax");
        BOOST_TEST(second.set_cookie("ROUTEID") ==
                   "ROUTEID=." + second.member + "; path=/two; HttpOnly; SameSite=Lax");
        one.insert(first.member);
        two.insert(second.member);
    }
    BOOST_TEST((one == std::set<std::string>{"a", "b"}));
    BOOST_TEST((two == std::set<std::string>{"c", "d"}));
    Browser stranger = on_port("two");
    stranger.add_cookie("ROUTEID", ".a");  // a route of the other host's balancer
    BOOST_TEST(two.count(stranger.get("/").member) == 1u);
}

BOOST_FIXTURE_TEST_CASE(which_fails_over, Hosts)
{
    start_httpd(kOneBalancerEach);
    expect_failover("one", b, a);
    expect_failover("two", c, d);
}

BOOST_FIXTURE_TEST_CASE(one_balancer_for_all_hosts, Hosts)
{
    start_httpd(kOneForAll);
    for (const auto *port : {"one", "two"})
        for (const auto *member : {"a", "b"}) {
            Browser client = on_port(port);
            client.add_cookie("ROUTEID", std::string(".") + member);
            for (int i = 0; i < 3; ++i)
                BOOST_TEST(client.get("/").member == member);
        }
}

BOOST_FIXTURE_TEST_CASE(which_fails_over_in_the_first_host, Hosts)
{
    start_httpd(kOneForAll);
    expect_failover("one", b, a);
}

BOOST_FIXTURE_TEST_CASE(and_in_the_last_host, Hosts)
{
    start_httpd(kOneForAll);
    expect_failover("two", b, a);
}

BOOST_FIXTURE_TEST_CASE(its_busy_counts_are_right, Hosts)
{
    start_httpd(kOneForAll);
    std::vector<Browser> clients;
    std::vector<PendingResponse> answers;
    a.hold("/slow");
    for (const auto *port : {"one", "two"}) {
        clients.push_back(on_port(port));
        clients.back().add_cookie("ROUTEID", ".a");
    }
    for (auto &client : clients)
        answers.push_back(client.start_get("/slow"));
    BOOST_REQUIRE(a.wait_held("/slow", 2));
    BOOST_TEST(shown_member(httpd, a.url()).at("busy") == "2");
    a.release("/slow");
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().status == 200);
    BOOST_TEST(wait_for_busy(httpd, a.url(), "0"));
}

BOOST_FIXTURE_TEST_CASE(a_graceful_restart_keeps_its_drain, Hosts)
{
    start_httpd(kOneForAll);
    httpd.drain("app", "b");
    httpd.graceful();
    httpd.graceful();
    for (const auto *port : {"one", "two", "one", "two"}) {
        BOOST_TEST(on_port(port).get("/").member == "a");
        Browser bound = on_port(port);
        bound.add_cookie("ROUTEID", ".b");
        BOOST_TEST(bound.get("/").member == "b");
    }
}

BOOST_AUTO_TEST_SUITE_END()
