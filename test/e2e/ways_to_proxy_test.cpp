// SPDX-License-Identifier: Apache-2.0
//
// However a request comes to the balancer, and however the balancer was written down.
// Caught if: only one spelling of the configuration is sticky.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kBalancer = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        ProxySet stickysession=SID
        StickyCookie insert
    </Proxy>
)";

struct TwoMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void check_sticky(const std::string &path, const std::string &cookie = "SID")
    {
        for (const auto *member : {"a", "b"}) {
            Browser client = new_browser();
            auto first = client.get(path);
            if (first.member != member) {
                client = new_browser();
                first = client.get(path);
            }
            BOOST_TEST_CONTEXT(path)
            {
                BOOST_TEST(first.member == member);
                BOOST_TEST(first.set_cookies().size() == 1u);
                BOOST_TEST(client.cookie(cookie) == std::string(".") + member);
                for (int i = 0; i < 4; ++i) {
                    const auto answer = client.get(path);
                    BOOST_TEST(answer.member == member);
                    BOOST_TEST(answer.set_cookies().empty());
                }
            }
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ways_to_proxy_test)

BOOST_FIXTURE_TEST_CASE(requests_are_mapped_in_many_ways, TwoMembers)
{
    start_httpd(kBalancer + R"(
        RewriteEngine On
        RewriteRule "^/rewritten/(.*)$" "balancer://app/$1" [P]
        ProxyPassMatch "^/matched/(.*)$" "balancer://app/$1"
        ProxyPass "/passed/" "balancer://app/"
        <Location "/located/">
            ProxyPass "balancer://app/"
        </Location>
        <Location "/handled/">
            SetHandler "proxy:balancer://app/"
        </Location>
        <Directory "{root}/htdocs">
            RewriteEngine On
            RewriteRule "^in-directory/(.*)$" "balancer://app/$1" [P]
        </Directory>
        <Directory "/">
            Require all granted
        </Directory>
    )");
    for (const auto *path :
         {"/rewritten/x", "/matched/x", "/passed/x", "/located/x", "/in-directory/x"}) {
        check_sticky(path);
        BOOST_TEST(b.last_request().target == "/x", path);
    }
    check_sticky("/handled/x");
}

BOOST_FIXTURE_TEST_CASE(balancers_are_written_in_many_ways, TwoMembers)
{
    start_httpd(R"(
        ProxyPass "/before/" "balancer://before/" stickysession=BEFORE
        <Proxy balancer://before>
            StickyCookie insert
            BalancerMember {a.url} route=a
            BalancerMember {b.url} route=b
        </Proxy>

        BalancerMember "balancer://outside" "{a.url}" route=a
        BalancerMember "balancer://outside" "{b.url}" route=b
        ProxySet "balancer://outside" stickysession=OUTSIDE
        <Proxy "balancer://outside">
            StickyCookie insert
        </Proxy>
        ProxyPass "/outside/" "balancer://outside/"

        <Proxy "balancer://MixedCase">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            stickycookie INSERT NAME=MIXED
        </Proxy>
        ProxyPass "/mixed/" "balancer://mixedcase/"

        <Proxy "balancer://parts">
            BalancerMember "{a.url}" route=a
        </Proxy>
        <Proxy "balancer://parts">
            BalancerMember "{b.url}" route=b
            StickyCookie insert "name=PARTS" secure="auto"
        </Proxy>
        ProxyPass "/parts/" "balancer://parts/"

        <Proxy "balancer://line" stickysession=LINE>
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert
        </Proxy>
        ProxyPass "/line/" "balancer://line/"
    )");
    check_sticky("/before/", "BEFORE");
    check_sticky("/outside/", "OUTSIDE");
    check_sticky("/mixed/", "MIXED");
    check_sticky("/parts/", "PARTS");
    check_sticky("/line/", "LINE");
}

BOOST_FIXTURE_TEST_CASE(clients_and_methods_of_every_kind, TwoMembers)
{
    a.echo_body_on("/echo"), b.echo_body_on("/echo");
    start_httpd(kBalancer + "ProxyPass \"/\" \"balancer://app/\"");
    const auto old = raw_exchange(httpd.port(), "GET / HTTP/1.0\r\nCookie: SID=.b\r\n\r\n");
    BOOST_TEST(old.find("X-Member: b") != std::string::npos);
    BOOST_TEST(old.find("Set-Cookie") == std::string::npos);
    const auto older = raw_exchange(httpd.port(), "GET / HTTP/1.0\r\n\r\n");
    BOOST_TEST(older.find("Set-Cookie: SID=.") != std::string::npos);

    Browser client = new_browser_on("b");
    const std::string body(100'000, 'x');
    for (const auto *method : {"PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "BREW"})
        BOOST_TEST(client.request(method, "/").member == "b", method);
    const auto posted = client.post("/echo", body);
    BOOST_TEST(posted.member == "b");
    BOOST_TEST((posted.body == body));
    const auto chunked = client.post_chunked("/echo", body);
    BOOST_TEST(chunked.member == "b");
    BOOST_TEST((chunked.body == body));
    BOOST_TEST(chunked.set_cookies().empty());
}

BOOST_AUTO_TEST_SUITE_END()
