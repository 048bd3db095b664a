// SPDX-License-Identifier: Apache-2.0
//
// StickyWhenDown redispatch, reject and redirect: of a balancer, and of some requests (<Location>, <If>).
// Caught if: a client that may not be moved is, or loses its cookie; the answer is another than was asked for; or
// a section of requests does not go over the balancer's.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct WhenDown : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    // `lines`: of the balancer's section; `more`: before it.
    Browser start(const std::string &lines, const std::string &more = "")
    {
        start_httpd(more + R"(
            ProxyPass "/local" "!"
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b retry=1
                StickyCookie insert
        )" + lines + R"(
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
        auto client = new_browser_on("b");
        client.add_cookie("JSESSIONID", "its-own");
        a.forget_requests();
        return client;
    }
    void take_b_out(bool on)
    {
        httpd.balancer_manager("app", "b", {{"w_status_D", on ? "1" : "0"}});
    }
    void expect_instead(Browser &client, const Response &answer, int status)
    {
        BOOST_TEST(answer.status == status);
        BOOST_TEST(answer.member == "");
        BOOST_TEST(answer.set_cookies().empty(), answer);
        BOOST_TEST(client.cookie("ROUTEID") == ".b");
        BOOST_TEST(client.cookie("JSESSIONID") == "its-own");
        BOOST_TEST(a.requests().empty());
        httpd.log().expect(
            "SB4002: balancer://app: a client's member cannot serve and it may not be "
            "moved, answered " +
            std::to_string(status));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(when_down_test)

BOOST_FIXTURE_TEST_CASE(reject_answers_as_it_says_and_the_client_stays_bound, WhenDown)
{
    auto client = start("StickyWhenDown reject status=429 retry-after=2s",
                        "ErrorDocument 429 \"one moment, please\"\n");
    b.stop();
    allow_failed_connections();
    const auto answer = client.post("/", "a body");  // this one finds out
    expect_instead(client, answer, 429);
    BOOST_TEST(answer.header("Retry-After") == "2");
    BOOST_TEST(answer.body == "one moment, please");
    BOOST_TEST(client.get("/").status == 429);
    const Share all_on_a = {{"a", 4}};
    BOOST_TEST((share_of_new_clients(*this, 4) == all_on_a));
    b.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return client.get("/").status == 200; }));
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(without_options_it_is_503, WhenDown)
{
    auto client = start("StickyWhenDown reject");
    take_b_out(true);
    const auto answer = client.get("/");
    expect_instead(client, answer, 503);
    BOOST_TEST(!answer.headers.has("Retry-After"));
    take_b_out(false);
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(redirect_sends_the_client_elsewhere, WhenDown)
{
    auto client = start("StickyWhenDown redirect \"url=https://status.example.test/?from=app\"");
    take_b_out(true);
    const auto answer = client.get("/");
    expect_instead(client, answer, 302);
    BOOST_TEST(answer.header("Location") == "https://status.example.test/?from=app");
    const auto posted = client.post("/", "a body");
    BOOST_TEST(posted.status == 307);
    BOOST_TEST(posted.header("Location") == "https://status.example.test/?from=app");
    BOOST_TEST(client.request("HEAD", "/").status == 302);
    httpd.log().allow("SB4002");
    BOOST_TEST(new_browser().get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_page_of_this_server_will_do_and_does_not_lead_to_itself, WhenDown)
{
    write_file(httpd.root() / "htdocs/local", "back soon");
    auto client = start("StickyWhenDown redirect url=/local?why=down",
                        "<Location \"/loop\">\nStickyWhenDown redirect url=/loop\n</Location>\n"
                        "<Directory \"{root}/htdocs\">\nRequire all granted\n</Directory>\n");
    take_b_out(true);
    const auto answer = client.get("/");
    expect_instead(client, answer, 302);
    BOOST_TEST(answer.header("Location") == "/local?why=down");
    BOOST_TEST(client.get(answer.header("Location")).body == "back soon");
    BOOST_TEST(client.get("/loop/page").header("Location") == "/loop");
    BOOST_TEST(client.get("/loop").status == 503);
    httpd.log().allow("SB4002");
}

BOOST_FIXTURE_TEST_CASE(redispatch_is_what_happens_otherwise, WhenDown)
{
    auto client = start("StickyWhenDown redispatch");
    take_b_out(true);
    const auto answer = client.get("/");
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
}

BOOST_FIXTURE_TEST_CASE(sections_of_requests_go_over_the_balancers, WhenDown)
{
    auto client = start("StickyWhenDown redispatch", R"(
        <Location "/api">
            StickyWhenDown reject retry-after=3s
        </Location>
        <Location "/api/deep">
            StickyWhenDown redirect url=https://deep.example.test/
        </Location>
        <If "-n %{HTTP:X-Robot}">
            StickyWhenDown reject status=404
        </If>
    )");
    take_b_out(true);
    const auto answer = client.get("/api/x");
    expect_instead(client, answer, 503);
    BOOST_TEST(answer.header("Retry-After") == "3");
    const auto deep = client.get("/api/deep/x");
    BOOST_TEST(deep.status == 302);
    BOOST_TEST(deep.header("Location") == "https://deep.example.test/");
    const auto robot = client.get("/api/x", {{"X-Robot", "1"}});
    BOOST_TEST(robot.status == 404);
    BOOST_TEST(!robot.headers.has("Retry-After"));  // a line counts as a whole
    httpd.log().allow("SB4002");
    BOOST_TEST(client.get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(they_may_also_be_the_ones_that_allow_it, WhenDown)
{
    auto client = start("ProxySet nofailover=On",
                        "<Location \"/free\">\nStickyWhenDown redispatch\n</Location>\n");
    take_b_out(true);
    expect_instead(client, client.get("/"), 503);
    BOOST_TEST(client.get("/free/").member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
}

BOOST_FIXTURE_TEST_CASE(the_manager_forbids_and_allows_failover_at_once, WhenDown)
{
    auto client = start("StickyWhenDown redispatch");
    take_b_out(true);
    httpd.balancer_manager("app", "", {{"b_sforce", "1"}});
    expect_instead(client, client.get("/"), 503);
    httpd.balancer_manager("app", "", {{"b_sforce", "0"}});
    BOOST_TEST(client.get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(who_tests_a_member_learns_that_it_is_dead, WhenDown)
{
    start("StickyWhenDown redirect url=https://status.example.test/",
          "SetEnvIf X-Force \"(.+)\" sticky-force=$1\n");
    b.stop();
    allow_failed_connections();
    BOOST_TEST(new_browser().get("/", {{"X-Force", "b"}}).status == 503);
    httpd.log().allow("SB4002");
}

BOOST_FIXTURE_TEST_CASE(sessions_in_a_table_are_neither_moved_nor_forgotten, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID\nStickyWhenDown reject retry-after=1min");
    const auto at_a = log_in_at("a"), at_b = log_in_at("b");
    httpd.balancer_manager("app", "a", {{"w_status_D", "1"}});
    for (int i = 0; i < 4; ++i) {
        const auto answer = new_browser().get("/", cookie(at_a));
        BOOST_TEST(answer.status == 503);
        BOOST_TEST(answer.header("Retry-After") == "60");
    }
    httpd.log().expect("SB4002");
    BOOST_TEST(is_kept(cookie(at_b), "b"));
    httpd.balancer_manager("app", "a", {{"w_status_D", "0"}});
    BOOST_TEST(is_kept(cookie(at_a), "a"));
}

BOOST_AUTO_TEST_SUITE_END()
