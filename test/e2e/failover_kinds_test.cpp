// SPDX-License-Identifier: Apache-2.0
//
// Members of every kind that mod_proxy has: clients stay, and a member that is down is replaced
// within the request.
// Caught if: a scheme's URL is rewritten wrongly after the election, a kind has no failover, or its
// cookie is missing.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

std::string site(const std::string &words = "")
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{one.url}" route=one )" +
           words + R"(
            BalancerMember "{two.url}" route=two )" +
           words + R"(
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )";
}

void allow_failures(Scenario &scenario)
{
    scenario.allow_failed_connections();
    for (const auto *id : {"AH00896",  // AJP: failed to make connection to backend
                           "AH01079",  // FastCGI: the same
                           "AH03090", "AH10257"})
        scenario.httpd.log().allow(id);
}

// "one" and "two" serve; `stop` stops "two".
void expect_stickiness_and_failover(Scenario &scenario, const std::function<void()> &stop,
                                    bool can_post)
{
    Browser of_one = scenario.new_browser_on("one"), of_two = scenario.new_browser_on("two");
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST(of_one.get("/a/path?q=" + std::to_string(i)).member == "one");
        const auto answer = of_two.get("/");
        BOOST_TEST(answer.member == "two");
        BOOST_TEST(answer.set_cookies().empty());
    }
    stop();
    allow_failures(scenario);
    const std::string body(20'000, 'x');
    const auto moved = can_post ? of_two.post("/echo", body) : of_two.get("/moved");
    BOOST_TEST(moved.status == 200);
    BOOST_TEST(moved.member == "one");
    BOOST_TEST(moved.set_cookies().size() == 1u);
    BOOST_TEST(of_two.cookie("ROUTEID") == ".one");
    if (can_post)
        BOOST_TEST((moved.body == body));
    BOOST_TEST(logged(scenario.httpd, can_post ? "/echo" : "/moved").at("attempts") == "2");
    BOOST_TEST(of_two.get("/").set_cookies().empty());
    BOOST_TEST(of_one.get("/").member == "one");
}

struct KindScenario : Scenario {
    void run(MemberKind kind, const std::string &words = "")
    {
        auto one = start_member("one", kind), two = start_member("two", kind);
        one.echo_body_on("/echo");
        two.echo_body_on("/echo");
        start_httpd(site(words));
        expect_stickiness_and_failover(
            *this, [&] { two.stop(); }, true);
        BOOST_TEST(one.requests().back().cookie("ROUTEID").value_or("none") == ".one");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(failover_kinds_test)

BOOST_FIXTURE_TEST_CASE(http, KindScenario) { run(MemberKind::kHttp); }

BOOST_FIXTURE_TEST_CASE(https, KindScenario) { run(MemberKind::kHttps); }

BOOST_FIXTURE_TEST_CASE(ajp, KindScenario) { run(MemberKind::kAjp); }

BOOST_FIXTURE_TEST_CASE(fcgi, KindScenario) { run(MemberKind::kFcgi); }

BOOST_FIXTURE_TEST_CASE(unix_socket, KindScenario) { run(MemberKind::kUnixSocket); }

BOOST_FIXTURE_TEST_CASE(http_without_reuse_of_connections, KindScenario)
{
    run(MemberKind::kHttp, "disablereuse=On");
}

// Over a kept connection it would be a matter of luck. Where the member has said goodbye on it
// (GOAWAY) before it ended, mod_proxy_http2 takes the connection for alive, fails, connects anew,
// is refused, and answers with the first failure's 502 instead of the refusal's 503; only 503 is
// tried elsewhere.
BOOST_FIXTURE_TEST_CASE(h2c, Scenario)
{
    start_h2c_member("one");
    auto &two = start_h2c_member("two");
    start_httpd(site("disablereuse=On"));
    expect_stickiness_and_failover(
        *this, [&] { two.stop(); }, false);
}

BOOST_FIXTURE_TEST_CASE(members_of_different_kinds_in_one_balancer, Scenario)
{
    start_member("one", MemberKind::kAjp);
    auto two = start_member("two", MemberKind::kHttps);
    start_httpd(site());
    expect_stickiness_and_failover(
        *this, [&] { two.stop(); }, false);
}

BOOST_AUTO_TEST_SUITE_END()
