// SPDX-License-Identifier: Apache-2.0
//
// A client is its cookie: not its address, not the virtual host, not the proxy it talks to.
// Caught if: anything but the cookie is remembered, or a cookie is bound to where it was made.
#include <boost/test/unit_test.hpp>

#include <set>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &options = {})
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            BalancerMember "{c.url}" route=c
            StickyCookie insert )" +
           options + R"(
        </Proxy>
        ProxyPass "/" "balancer://app/" stickysession=ROUTEID
    )";
}

struct ThreeMembers : Scenario {
    std::vector<FakeMember> members = {start_member("a"), start_member("b"), start_member("c")};

    // That `other`, with this client's cookie, is served as it is, and told nothing.
    void check_same(Browser &client, Browser other)
    {
        const auto member = client.get("/").member;
        const auto cookie = client.cookie("ROUTEID");
        BOOST_TEST(cookie == "." + member);
        for (int i = 0; i < 5; ++i) {
            other.forget_cookies();
            other.add_cookie("ROUTEID", cookie);
            const auto answer = other.get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(same_client_elsewhere_test)

BOOST_FIXTURE_TEST_CASE(one_balancer_serves_http_and_https, ThreeMembers)
{
    start_httpd(balancer("secure=off"), {.tls = true});
    for (const auto from : {Protocol::kHttp1, Protocol::kHttp1Tls})
        for (const auto to : {Protocol::kHttp1, Protocol::kHttp1Tls}) {
            Browser client = new_browser({.protocol = from});
            check_same(client, new_browser({.protocol = to}));
        }
    // It is one balancer: both hosts take turns from one order.
    std::set<std::string> seen;
    seen.insert(new_browser().get("/").member);
    seen.insert(new_browser({.protocol = Protocol::kHttp1Tls}).get("/").member);
    seen.insert(new_browser().get("/").member);
    BOOST_TEST(seen.size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_balancer_of_the_server_serves_each_virtual_host, ThreeMembers)
{
    start_httpd(R"(
        Listen 127.0.0.1:{port.admin}
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            BalancerMember "{c.url}" route=c
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
        <VirtualHost 127.0.0.1:{port.admin}>
            ProxyPass "/" "balancer://app/"
        </VirtualHost>
    )");
    BrowserOptions admin;
    admin.port = httpd.port("admin");
    Browser client = new_browser();
    check_same(client, new_browser(admin));
    Browser administrator = new_browser(admin);
    check_same(administrator, new_browser());
}

BOOST_FIXTURE_TEST_CASE(two_proxies_need_no_shared_state, ThreeMembers)
{
    start_httpd(balancer());
    auto &other = start_other_httpd(balancer());
    Browser client = new_browser();
    client.get("/"), new_browser().get("/");
    check_same(client, new_browser(options_for(other, Protocol::kHttp1)));
    Browser of_other = new_browser(options_for(other, Protocol::kHttp1));
    check_same(of_other, new_browser());
}

BOOST_FIXTURE_TEST_CASE(a_client_changes_its_address, ThreeMembers)
{
    start_httpd(balancer());
    for (int i = 2; i < 8; ++i) {
        Browser client = new_browser({.source = "127.0.0." + std::to_string(i)});
        check_same(client, new_browser({.source = "127.0.1." + std::to_string(i)}));
        BOOST_TEST(members[0].requests().size() + members[1].requests().size() +
                       members[2].requests().size() ==
                   std::size_t(6 * (i - 1)));
    }
    std::set<std::string> seen;  // and one address is not one client
    for (int i = 0; i < 3; ++i)
        seen.insert(new_browser({.source = "127.0.0.9"}).get("/").member);
    BOOST_TEST(seen.size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(the_name_the_site_is_called_by_does_not_matter, ThreeMembers)
{
    start_httpd(balancer());
    Browser client = new_browser({.host = "www.example.test"});
    check_same(client, new_browser({.host = "other.example.test"}));
    BOOST_TEST(members[0].last_request().headers.first("X-Forwarded-For").starts_with("127.0.0.1"));
}

BOOST_AUTO_TEST_SUITE_END()
