// SPDX-License-Identifier: Apache-2.0
//
// Clients that speak HTTP/2, in clear and over TLS, stay as others do.
// Caught if: a cookie is lost or doubled in HTTP/2, or a failover does not work there.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Http2 : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    Http2()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )",
                    {.tls = true, .http2 = true});
    }
    static std::string cookie_of(const std::string &member, Protocol protocol)
    {
        return "ROUTEID=." + member + "; path=/; HttpOnly; SameSite=Lax" +
               (protocol == Protocol::kH2Tls ? "; Secure" : "");
    }
};

auto with_http2()
{
    return boost::unit_test::precondition(
        [](boost::unit_test::test_unit_id) { return has_http2_for_clients(); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http2_clients_test, *with_http2())

BOOST_FIXTURE_TEST_CASE(they_stay, Http2)
{
    for (const auto protocol : {Protocol::kH2c, Protocol::kH2Tls}) {
        std::set<std::string> seen;
        for (int i = 0; i < 4; ++i) {
            Browser client = new_browser({.protocol = protocol});
            const auto first = client.get("/");
            BOOST_TEST(first.http_version == "2");
            BOOST_TEST(first.set_cookies().size() == 1u);
            BOOST_TEST(first.set_cookie("ROUTEID") == cookie_of(first.member, protocol));
            for (int n = 0; n < 4; ++n) {
                if (protocol == Protocol::kH2c)
                    client.disconnect();  // some versions of curl cannot go on without TLS
                const auto answer = client.get("/");
                BOOST_TEST(answer.member == first.member);
                BOOST_TEST(answer.set_cookies().empty());
            }
            seen.insert(first.member);
        }
        BOOST_TEST(seen.size() == 2u);
    }
}

BOOST_FIXTURE_TEST_CASE(they_are_moved_when_their_member_is_down, Http2)
{
    a.echo_body_on("/echo");
    b.stop();
    allow_failed_connections();
    for (const auto protocol : {Protocol::kH2c, Protocol::kH2Tls}) {
        Browser client = new_browser({.protocol = protocol});
        client.add_cookie("ROUTEID", ".b");
        const std::string body(20'000, 'x');
        const auto answer = client.post("/echo", body);
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.member == "a");
        BOOST_TEST((answer.body == body));
        BOOST_TEST(answer.set_cookies().size() == 1u);
        BOOST_TEST(answer.set_cookie("ROUTEID") == cookie_of("a", protocol));
    }
}

BOOST_FIXTURE_TEST_CASE(cookies_in_several_header_lines_are_one, Http2)
{
    Browser client = new_browser({.protocol = Protocol::kH2c});
    client.send_raw_cookies("one=1");
    const auto answer = client.get("/", {{"Cookie", "ROUTEID=.b"}, {"Cookie", "two=2"}});
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(answer.set_cookies().empty());
}

BOOST_AUTO_TEST_SUITE_END()
