// SPDX-License-Identifier: Apache-2.0
//
// The member of a bound client refuses the connection: the same request is answered by another
// member, body and all, and the client's cookie names that one from then on.
// Caught if: a failover loses or cuts a body, sets no cookie, two, or that of the dead member, or
// sends the next request to the dead member again.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kSite = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        StickyCookie insert
    </Proxy>
    ProxyPass "/" "balancer://app/"
)";

const std::string kCookieOfA = "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax";

// A client of b, while b is down.
struct FailoverScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    Browser client = start();

    Browser start()
    {
        a.echo_body_on("/echo");
        b.echo_body_on("/echo");
        start_httpd(kSite);
        auto bound = new_browser_on("b");
        a.forget_requests();
        b.stop();
        allow_failed_connections();
        return bound;
    }

    void expect_failover(const Response &answer, const std::string &uri)
    {
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.member == "a");
        BOOST_REQUIRE(answer.set_cookies().size() == 1u);
        BOOST_TEST(answer.set_cookies().front() == kCookieOfA);
        const auto line = logged(httpd, uri);
        BOOST_TEST(line.at("attempts") == "2");
        BOOST_TEST(line.at("route") == "a");
        BOOST_TEST(line.at("changed") == "1");
        BOOST_TEST(line.at("cause") == "redispatch");
        BOOST_TEST(httpd.log().count("AH00957") == 1);

        const auto next = client.get("/next");
        BOOST_TEST(next.member == "a");
        BOOST_TEST(next.set_cookies().empty());
        BOOST_TEST(logged(httpd, "/next").at("attempts") == "1");
        BOOST_TEST(httpd.log().count("AH00957") == 1);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(failover_test)

BOOST_FIXTURE_TEST_CASE(a_get_is_answered_by_another_member, FailoverScenario)
{
    expect_failover(client.get("/page?x=1"), "/page?x=1");
    BOOST_TEST(a.requests().front().target == "/page?x=1");
}

BOOST_FIXTURE_TEST_CASE(a_post_brings_its_whole_body, FailoverScenario)
{
    std::string body(20'000, 'x');
    body.replace(9'990, 20, "in the middle of it.");
    const auto answer = client.post("/echo", body);
    BOOST_TEST((answer.body == body));
    expect_failover(answer, "/echo");
    BOOST_TEST(a.requests().front().method == "POST");
}

BOOST_FIXTURE_TEST_CASE(a_chunked_post_brings_its_whole_body, FailoverScenario)
{
    const std::string body(20'000, 'y');
    const auto answer = client.post_chunked("/echo", body);
    BOOST_TEST((answer.body == body));
    expect_failover(answer, "/echo");
}

BOOST_FIXTURE_TEST_CASE(a_large_body_is_whole_or_refused, FailoverScenario)
{
    const std::string body(1'000'000, 'z');
    const auto answer = client.post("/echo", body);
    BOOST_TEST((answer.status == 503 || (answer.status == 200 && answer.body == body)));
    for (const auto &request : a.requests())
        BOOST_TEST((request.body == body));
}

BOOST_FIXTURE_TEST_CASE(a_head_is_answered_by_another_member, FailoverScenario)
{
    expect_failover(client.request("HEAD", "/head"), "/head");
}

BOOST_FIXTURE_TEST_CASE(a_client_without_a_cookie_notices_nothing, FailoverScenario)
{
    const Share all_on_a = {{"a", 6}};
    BOOST_TEST((share_of_new_clients(*this, 6) == all_on_a));
    BOOST_TEST(httpd.log().count("AH00957") == 1);
}

BOOST_FIXTURE_TEST_CASE(moved_clients_stay_when_the_member_is_back, FailoverScenario)
{
    BOOST_TEST(client.get("/").member == "a");
    b.start_again();
    httpd.graceful();  // which forgets that b was in error
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(new_browser_on("b").cookie("ROUTEID") == ".b");
}

BOOST_AUTO_TEST_SUITE_END()
