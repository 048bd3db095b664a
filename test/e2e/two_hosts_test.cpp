// SPDX-License-Identifier: Apache-2.0
//
// One balancer behind a plain and a TLS virtual host, as shops have it: the same members, the same
// cookie, the same state, wherever the client comes in.
// Caught if: a client changes its member with the scheme, a failover works in one host only, or a
// drain is known in one host only.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct TwoHosts : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    TwoHosts()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )",
                    {.tls = true, .tls_conf = R"(
            RequestHeader set X-Forwarded-Proto "https"
            ProxyPass "/" "balancer://app/"
        )"});
    }
    Browser plain() { return new_browser({.host = "www.example.test"}); }
    Browser secure()
    {
        return new_browser({.protocol = Protocol::kHttp1Tls, .host = "www.example.test"});
    }

    void expect_failover(Browser client)
    {
        client.add_cookie("ROUTEID", ".b");
        b.stop();
        allow_failed_connections();
        const auto answer = client.get("/");
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.member == "a");
        BOOST_TEST(client.cookie("ROUTEID") == ".a");
        httpd.log().allow("AH01964");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(two_hosts_test)

BOOST_FIXTURE_TEST_CASE(a_client_has_one_member_in_both, TwoHosts)
{
    for (const auto *member : {"a", "b"}) {
        Browser first = new_browser_on(member, {.host = "www.example.test"});
        Browser second = secure();
        second.add_cookie("ROUTEID", first.cookie("ROUTEID"));
        for (int i = 0; i < 4; ++i) {
            const auto answer = second.get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
        BOOST_TEST(first.get("/").member == member);
    }
}

BOOST_FIXTURE_TEST_CASE(tls_ends_here_and_the_cookie_is_secure, TwoHosts)
{
    Browser client = secure();
    const auto answer = client.get("/");
    BOOST_TEST(answer.set_cookie("ROUTEID") ==
               "ROUTEID=." + answer.member + "; path=/; HttpOnly; SameSite=Lax; Secure");
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(client.get("/").member == answer.member);
    const auto &member = answer.member == "a" ? a : b;
    BOOST_TEST(member.last_request().headers.first("X-Forwarded-Proto") == "https");
    BOOST_TEST(member.requests().size() == 21u);
}

BOOST_FIXTURE_TEST_CASE(failover_in_the_plain_host, TwoHosts) { expect_failover(plain()); }

BOOST_FIXTURE_TEST_CASE(failover_in_the_tls_host, TwoHosts) { expect_failover(secure()); }

BOOST_FIXTURE_TEST_CASE(a_drained_member_is_drained_in_both, TwoHosts)
{
    httpd.drain("app", "b");
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST(plain().get("/").member == "a");
        BOOST_TEST(secure().get("/").member == "a");
    }
    for (auto client : {&TwoHosts::plain, &TwoHosts::secure}) {
        Browser bound = (this->*client)();
        bound.add_cookie("ROUTEID", ".b");
        BOOST_TEST(bound.get("/").member == "b");
    }
}

// As one looks at a new server before its name leads to it, and from behind address translation.
BOOST_FIXTURE_TEST_CASE(nothing_depends_on_the_name_or_the_address, TwoHosts)
{
    for (const auto *host : {"www.example.test", "198.51.100.7", "new.example.test"}) {
        Browser client = new_browser({.host = host});
        const auto first = client.get("/");
        BOOST_TEST(first.set_cookies().size() == 1u);
        BOOST_TEST(client.get("/").member == first.member);
    }
    Browser roaming = new_browser({.source = "127.0.0.7"});
    const auto member = roaming.get("/").member;
    Browser elsewhere = new_browser({.source = "127.0.0.8"});
    elsewhere.add_cookie("ROUTEID", roaming.cookie("ROUTEID"));
    BOOST_TEST(elsewhere.get("/").member == member);
}

BOOST_AUTO_TEST_SUITE_END()
