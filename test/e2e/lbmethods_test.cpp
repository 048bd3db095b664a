// SPDX-License-Identifier: Apache-2.0
//
// The balancing methods of httpd under a balancer of ours, and ours under one that is not.
// Caught if: a method is not called, does not balance, or breaks stickiness.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Methods : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    void start(const std::string &method, const std::string &words_of_b = "")
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "    BalancerMember \"{a.url}\" route=a\n"
            "    BalancerMember \"{b.url}\" route=b " +
            words_of_b +
            "\n"
            "    BalancerMember \"{c.url}\" route=c\n"
            "    ProxySet lbmethod=" +
            method + "\n" + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    void expect_stickiness()
    {
        for (const auto *member : {"a", "b", "c"}) {
            Browser client = new_browser_on(member);
            for (int i = 0; i < 4; ++i) {
                const auto answer = client.get("/");
                BOOST_TEST(answer.member == member);
                BOOST_TEST(answer.set_cookies().empty());
            }
        }
    }
    void expect_failover()
    {
        Browser client = new_browser();
        client.add_cookie("ROUTEID", ".b");
        b.stop();
        allow_failed_connections();
        const auto answer = client.get("/");
        BOOST_TEST((answer.member == "a" || answer.member == "c"));
        BOOST_TEST(client.cookie("ROUTEID") == "." + answer.member);
        BOOST_TEST(client.get("/").member == answer.member);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lbmethods_test)

BOOST_FIXTURE_TEST_CASE(byrequests, Methods)
{
    start("byrequests", "loadfactor=2");
    const Share shares = {{"a", 4}, {"b", 8}, {"c", 4}};
    BOOST_TEST((share_of_new_clients(*this, 16) == shares));
    expect_stickiness();
    expect_failover();
}

BOOST_FIXTURE_TEST_CASE(bytraffic, Methods)
{
    start("bytraffic");
    a.on("/", Answer{.body = std::string(50'000, 'x')});
    auto shares = share_of_new_clients(*this, 20);
    BOOST_TEST(shares["a"] >= 1);
    BOOST_TEST(shares["a"] <= 2);  // what it has sent is more than the others' answers together
    BOOST_TEST(shares["b"] + shares["c"] >= 18);
    for (const auto *member : {"b", "c"})
        BOOST_TEST(new_browser_on(member).get("/").set_cookies().empty());
    expect_failover();
}

BOOST_FIXTURE_TEST_CASE(bybusyness, Methods)
{
    start("bybusyness");
    expect_stickiness();
    Browser slow = new_browser_on("a");
    a.hold("/slow");
    auto answer = slow.start_get("/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    BOOST_TEST(wait_for_busy(httpd, b.url(), "0"));
    BOOST_TEST(wait_for_busy(httpd, c.url(), "0"));
    for (int i = 0; i < 8; ++i) {
        BOOST_TEST(new_browser().get("/").member != "a");
        BOOST_TEST(wait_for_busy(httpd, b.url(), "0"));
        BOOST_TEST(wait_for_busy(httpd, c.url(), "0"));
    }
    a.release("/slow");
    BOOST_TEST(answer.wait().status == 200);
    expect_failover();
}

// They know no such weight, and one divides by it.
BOOST_DATA_TEST_CASE_F(Methods, who_has_weight_0_gets_no_new_clients,
                       boost::unit_test::data::make({"byrequests", "bytraffic", "bybusyness"}),
                       method)
{
    start(std::string(method) + "\nStickyMember b weight=0");
    b.hold("/slow");
    for (int i = 0; i < 12; ++i)
        BOOST_TEST(new_browser().get("/").member != "b");
    Browser bound = new_browser();
    bound.add_cookie("ROUTEID", ".b");
    BOOST_TEST(bound.get("/").member == "b");
    std::vector<std::unique_ptr<Browser>> clients;
    std::vector<PendingResponse> answers;
    for (auto *member : {&a, &c})
        member->hold("/slow");
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<Browser>(new_browser()));
        answers.push_back(clients.back()->start_get("/slow"));
    }
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return a.requests().size() + c.requests().size() >= 12 + 8; }));
    for (auto *member : {&a, &c})
        member->release_all();
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().member != "b");
}

BOOST_FIXTURE_TEST_CASE(roundrobin, Methods)
{
    start("roundrobin");
    const Share even = {{"a", 4}, {"b", 4}, {"c", 4}};
    BOOST_TEST((share_of_new_clients(*this, 12) == even));
    expect_stickiness();
    expect_failover();
}

BOOST_FIXTURE_TEST_CASE(an_unknown_method_is_refused, Methods)
{
    const auto result = httpd.config_test(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            ProxySet lbmethod=nonsense
            StickyCookie insert
        </Proxy>
    )");
    BOOST_TEST(!result.accepted());
    BOOST_TEST(result.says("nonsense"));
}

// Header and stickysession make it sticky, mod_proxy_balancer elects.
BOOST_FIXTURE_TEST_CASE(roundrobin_for_a_balancer_that_is_not_ours, Methods)
{
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b loadfactor=2
            ProxySet lbmethod=roundrobin
        </Proxy>
        Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" \
            env=BALANCER_ROUTE_CHANGED
        ProxyPass "/" "balancer://app/" stickysession=ROUTEID
    )");
    const Share shares = {{"a", 4}, {"b", 8}};
    BOOST_TEST((share_of_new_clients(*this, 12) == shares));
    Browser client = new_browser_on("b");
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
    BOOST_TEST(client.get("/unbound").member == "b");
    BOOST_TEST(logged(httpd, "/unbound").at("cause") == "-");  // nothing of ours
}

// Chosen in balancer-manager there is no thread that looks after it: requests do.
BOOST_DATA_TEST_CASE_F(Methods, leastconn_finds_a_member_again_for_a_balancer_that_is_not_ours,
                       boost::unit_test::data::make({"leastconn", "byrequests"}), at_start)
{
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b retry=1
            ProxySet lbmethod=)" +
                std::string(at_start) + R"(
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    allow_failed_connections();
    if (at_start != std::string("leastconn"))
        httpd.balancer_manager("app", "", {{"b_lbm", "leastconn"}});
    const auto goes_to_b = [&] { return new_browser().get("/").member == "b"; };
    b.stop();
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(!goes_to_b());
    b.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)), goes_to_b));
}

BOOST_AUTO_TEST_SUITE_END()
