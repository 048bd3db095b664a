// SPDX-License-Identifier: Apache-2.0
//
// Clients by TLS and HTTP/2, members by TLS, and what members are told of it.
// Caught if: a protocol loses stickiness, or Secure is not the client's connection's.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &members, const std::string &more = {})
{
    return "<Proxy \"balancer://app\">\n" + members + R"(
            StickyCookie insert
        </Proxy>
        RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"
        ProxyPass "/" "balancer://app/" stickysession=ROUTEID
    )" + more;
}

const char *const kTwo = R"(
    BalancerMember "{a.url}" route=a
    BalancerMember "{b.url}" route=b
)";

const std::string kPlain = "; path=/; HttpOnly; SameSite=Lax";

auto with_http2()
{
    return boost::unit_test::precondition(
        [](boost::unit_test::test_unit_id) { return has_http2_for_clients(); });
}

struct Members : Scenario {
    // A client of this protocol is told once, in these words, and stays.
    void check_sticky(Protocol protocol, const std::string &attributes)
    {
        for (const auto *member : {"a", "b"}) {
            Browser client = new_browser({.protocol = protocol, .host = "www.example.test"});
            auto first = client.get("/");
            for (int i = 0; i < 4 && first.member != member; ++i) {
                client = new_browser({.protocol = protocol, .host = "www.example.test"});
                first = client.get("/");
            }
            BOOST_TEST(first.error == "");
            BOOST_TEST(first.member == member);
            BOOST_TEST(first.set_cookies().size() == 1u);
            BOOST_TEST(first.set_cookie("ROUTEID") ==
                       std::string("ROUTEID=.") + member + attributes);
            for (int i = 0; i < 20; ++i) {
                client.disconnect();
                const auto answer = client.get("/page");
                BOOST_TEST(answer.member == member);
                BOOST_TEST(answer.set_cookies().empty());
            }
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(clients_and_members_with_tls_test)

BOOST_FIXTURE_TEST_CASE(clients_by_tls, Members)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd(balancer(kTwo), {.tls = true});
    check_sticky(Protocol::kHttp1, kPlain);
    BOOST_TEST(b.last_request().headers.first("X-Forwarded-Proto") == "http");
    check_sticky(Protocol::kHttp1Tls, kPlain + "; Secure");
    BOOST_TEST(b.last_request().headers.first("X-Forwarded-Proto") == "https");
    BOOST_TEST(b.last_request().headers.first("X-Forwarded-For") == "127.0.0.1");
    BOOST_TEST(b.last_request().headers.first("X-Forwarded-Host").starts_with("www.example.test"));
}

BOOST_FIXTURE_TEST_CASE(clients_by_http_2, Members, *with_http2())
{
    start_member("a"), start_member("b");
    start_httpd(balancer(kTwo), {.tls = true, .http2 = true});
    check_sticky(Protocol::kH2c, kPlain);
    check_sticky(Protocol::kH2Tls, kPlain + "; Secure");
}

BOOST_FIXTURE_TEST_CASE(members_by_tls_too, Members)
{
    const auto a = start_member("a", MemberKind::kHttps), b = start_member("b", MemberKind::kHttps);
    start_httpd(balancer(kTwo), {.tls = true});
    BOOST_TEST(a.url().starts_with("https://"));
    check_sticky(Protocol::kHttp1, kPlain);
    check_sticky(Protocol::kHttp1Tls, kPlain + "; Secure");
}

BOOST_FIXTURE_TEST_CASE(members_of_every_protocol_in_one_balancer, Members)
{
    const std::vector<std::pair<std::string, MemberKind>> kinds = {
        {"http", MemberKind::kHttp},
        {"https", MemberKind::kHttps},
        {"ajp", MemberKind::kAjp},
        {"unix", MemberKind::kUnixSocket}};
    std::string members;
    for (const auto &[name, kind] : kinds) {
        start_member(name, kind);
        members += "BalancerMember \"{" + name + ".url}\" route=" + name + '\n';
    }
    start_h2c_member("h2c");
    members += "BalancerMember \"{h2c.url}\" route=h2c\n";
    start_httpd(balancer(members));
    for (const auto *name : {"http", "https", "ajp", "unix", "h2c"}) {
        Browser client = new_browser_on(name);
        BOOST_TEST(client.cookie("ROUTEID") == std::string(".") + name);
        for (int i = 0; i < 5; ++i) {
            const auto answer = client.get("/page?x=1");
            BOOST_TEST(answer.member == name);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
}

// mod_remoteip tells who the client is, and TLS may end in front of us.
BOOST_FIXTURE_TEST_CASE(secure_follows_our_own_connection_only, Members)
{
    const auto a = start_member("a");
    start_httpd(balancer("BalancerMember \"{a.url}\" route=a",
                         "RemoteIPHeader X-Client\nRemoteIPInternalProxy 127.0.0.1\n"));
    const auto answer =
        new_browser().get("/", {{"X-Forwarded-Proto", "https"}, {"X-Client", "192.0.2.7"}});
    BOOST_TEST(answer.set_cookie("ROUTEID") == "ROUTEID=.a" + kPlain);
    BOOST_TEST(a.last_request().headers.first("X-Forwarded-Proto") == "http");
}

BOOST_AUTO_TEST_SUITE_END()
