// SPDX-License-Identifier: Apache-2.0
//
// What members and the log are told of a client, by httpd's own directives beside ours: the address
// it asked for, the address it has, its cookies in both directions and the member it got.
// Caught if: a balancer of ours loses or doubles one of these headers, or the log has not all of it
// in one line.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;
using Lines = std::vector<std::string>;

namespace {

std::string site(const std::string &more, const std::string &sticky = "StickyCookie insert")
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            )" +
           sticky + R"(
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )" + more;
}

// A front end at 127.0.0.7 is believed what it says of its clients.
const char *const kBelieveTheFront = R"(
    RequestHeader unset X-Forwarded-For "expr=! -R '127.0.0.7'"
    <If "-R '127.0.0.7'">
        ProxyAddHeaders Off
    </If>
)";

struct TwoMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    // X-Forwarded-For as members get it from a client of this address, a new one and then a bound one.
    void expect_forwarded(const std::string &source, const Headers &sent, const Lines &expected)
    {
        BOOST_TEST_CONTEXT("from " << source << ", " << sent.size() << " lines")
        {
            Browser client = new_browser({.source = source});
            const auto first = client.get("/", sent);
            check_forwarded(first, expected);
            BOOST_TEST(first.set_cookies().size() == 1u);
            const auto second = client.get("/", sent);
            check_forwarded(second, expected);
            BOOST_TEST(second.member == first.member);
            BOOST_TEST(second.set_cookies().empty());
        }
    }
    void check_forwarded(const Response &answer, const Lines &expected)
    {
        BOOST_REQUIRE(answer.status == 200);
        const auto seen = (answer.member == "a" ? a : b).last_request();
        BOOST_TEST(seen.headers.all("X-Forwarded-For") == expected,
                   boost::test_tools::per_element());
    }
};

const Header kFromFront = {"X-Forwarded-For", "192.0.2.1"};

}  // namespace

BOOST_AUTO_TEST_SUITE(client_headers_test)

BOOST_FIXTURE_TEST_CASE(the_address_that_was_asked_is_told, TwoMembers)
{
    start_httpd(site(R"(
        Listen 127.0.0.9:{port}
        SetEnvIf Server_Addr "^(.+)$" ORIGINAL_TO=$1
        RequestHeader set X-Original-To "%{ORIGINAL_TO}e"
    )"));
    for (const auto *address : {"127.0.0.1", "127.0.0.9"}) {
        Browser client = new_browser({.host = "www.example.test", .address = address});
        const auto first = client.get("/");
        for (const auto &sent : {Headers{}, Headers{{"X-Original-To", "198.51.100.7"}}}) {
            BOOST_TEST(client.get("/", sent).member == first.member);
            const auto seen = (first.member == "a" ? a : b).last_request();
            BOOST_TEST(seen.headers.all("X-Original-To") == Lines{address},
                       boost::test_tools::per_element());
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_client_has_its_address_told_once, TwoMembers)
{
    start_httpd(site(""));
    expect_forwarded("127.0.0.5", {}, {"127.0.0.5"});
    expect_forwarded("127.0.0.5", {kFromFront}, {"192.0.2.1, 127.0.0.5"});
    b.stop();
    allow_failed_connections();
    Browser client = new_browser({.source = "127.0.0.5"});
    client.add_cookie("ROUTEID", ".b");
    const auto moved = client.get("/");
    BOOST_TEST(moved.member == "a");
    check_forwarded(moved, {"127.0.0.5"});
}

BOOST_FIXTURE_TEST_CASE(what_a_front_end_wrote_is_kept_and_not_doubled, TwoMembers)
{
    start_httpd(site("ProxyAddHeaders Off"));
    expect_forwarded("127.0.0.7", {kFromFront}, {"192.0.2.1"});
    expect_forwarded("127.0.0.7", {{"X-Forwarded-For", "203.0.113.9, 192.0.2.1"}},
                     {"203.0.113.9, 192.0.2.1"});
    expect_forwarded("127.0.0.7", {}, {});
}

BOOST_FIXTURE_TEST_CASE(the_same_for_one_address_only, TwoMembers)
{
    start_httpd(site(kBelieveTheFront));
    expect_forwarded("127.0.0.7", {kFromFront}, {"192.0.2.1"});
    expect_forwarded("127.0.0.7", {}, {});
    expect_forwarded("127.0.0.5", {}, {"127.0.0.5"});
    expect_forwarded("127.0.0.5", {kFromFront}, {"127.0.0.5"});
}

// mod_remoteip takes the front end's word, and mod_proxy writes the header anew.
BOOST_FIXTURE_TEST_CASE(the_log_can_have_the_same_address, TwoMembers)
{
    start_httpd(site("RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.7\n"));
    expect_forwarded("127.0.0.7", {kFromFront}, {"192.0.2.1"});
    expect_forwarded("127.0.0.5", {}, {"127.0.0.5"});
    new_browser({.source = "127.0.0.7"}).get("/logged", {kFromFront});
    BOOST_TEST(logged(httpd, "/logged").at("client") == "192.0.2.1");
}

BOOST_FIXTURE_TEST_CASE(one_line_of_the_log_has_both_cookies_and_the_member, TwoMembers)
{
    for (auto *member : {&a, &b})
        member->on("/login", Answer{.headers = {{"Set-Cookie", "JSESSIONID=58B7." + member->name() +
                                                                   "; Path=/; HttpOnly"}}});
    start_httpd(site(R"(
        CustomLog "{root}/logs/cookies.log" "%U sent=%{JSESSIONID}C set=\"%{Set-Cookie}o\" \
member=%{STICKY_MEMBER}e state=%{STICKY_STATE}e attempts=%{STICKY_ATTEMPTS}e"
    )",
                     "StickyCookie passive name=JSESSIONID"));
    Browser client = new_browser();
    const auto member = client.get("/login").member;
    client.get("/page");
    client = new_browser();
    client.add_cookie("JSESSIONID", "58B7.b");
    b.stop();
    allow_failed_connections();
    client.get("/login");

    Lines expected = {
        "/login sent=- set=\"JSESSIONID=58B7." + member + "; Path=/; HttpOnly\" member=" + member +
            " state=NP attempts=1",
        "/page sent=58B7." + member + " set=\"-\" member=" + member + " state=VN attempts=1",
        "/login sent=58B7.b set=\"JSESSIONID=58B7.a; Path=/; HttpOnly\" member=a state=DP "
        "attempts=2",
    };
    const ErrorLog log(httpd.root() / "logs/cookies.log");  // reads the lines of any file
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return log.lines().size() == expected.size(); }));
    // Lines of different connections come in any order.
    auto lines = log.lines();
    std::sort(lines.begin(), lines.end());
    std::sort(expected.begin(), expected.end());
    BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
