// SPDX-License-Identifier: Apache-2.0
//
// A member that is added at run time, where ProxySet growth= left room for it.
// Caught if: it serves before it was enabled, a child does not know it after, its clients do not
// come back to it, or the clients of the other members are moved.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct GrowingBalancer : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");
    std::vector<Browser> on_every_child = start();

    std::vector<Browser> start()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                ProxySet growth=2 maxattempts=1
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
        return browsers_on_every_child(*this);
    }
    void add(const FakeMember &member)
    {
        httpd.balancer_manager("app", "", {{"b_wyes", "1"}, {"b_nwrkr", member.url()}});
    }
    void enable(const FakeMember &member)
    {
        httpd.balancer_manager("app", member.url(), {{"w_status_D", "0"}, {"w_wr", member.name()}});
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(manager_adds_member_test)

BOOST_FIXTURE_TEST_CASE(it_starts_disabled, GrowingBalancer)
{
    add(b);
    const Share all_on_a = {{"a", 6}};
    BOOST_TEST((share_of_new_clients(*this, 6) == all_on_a));
    BOOST_TEST(b.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(every_child_uses_it_at_once, GrowingBalancer)
{
    add(b);
    enable(b);
    for (auto &browser : on_every_child) {
        browser.send_raw_cookies("ROUTEID=.b");
        const auto answer = browser.get("/");
        BOOST_TEST(answer.member == "b");
        BOOST_TEST(answer.set_cookies().empty());
    }
    const Share even = {{"a", 4}, {"b", 4}};
    BOOST_TEST((share_of_new_clients(*this, 8) == even));
    Browser client = new_browser_on("b");
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
    for (int i = 0; i < 6; ++i) {
        client.disconnect();
        BOOST_TEST(client.get("/").member == "b");
    }
}

// Children that are asked nothing do not know it, and look after the balancer all the same.
BOOST_FIXTURE_TEST_CASE(idle_children_do_not_take_it_for_nobodys, GrowingBalancer)
{
    httpd.balancer_manager("app", "", {{"b_lbm", "leastconn"}});
    add(b);
    enable(b);
    auto &browser = on_every_child.front();
    Share share;
    const auto deadline = within(std::chrono::seconds(3));
    wait_until(deadline, [&] {
        browser.forget_cookies();
        ++share[browser.get("/").member];
        return false;
    });
    BOOST_TEST(share["b"] * 10 >= share["a"] * 9);
}

BOOST_FIXTURE_TEST_CASE(clients_of_the_others_stay, GrowingBalancer)
{
    add(b);
    enable(b);
    add(c);
    enable(c);
    for (auto &browser : on_every_child) {
        const auto answer = browser.get("/");
        BOOST_TEST(answer.member == "a");
        BOOST_TEST(answer.set_cookies().empty());
    }
    const Share even = {{"a", 3}, {"b", 3}, {"c", 3}};
    BOOST_TEST((share_of_new_clients(*this, 9) == even));
}

BOOST_FIXTURE_TEST_CASE(it_takes_over_from_one_that_fails, GrowingBalancer)
{
    add(b);
    enable(b);
    a.stop();
    allow_failed_connections();
    Browser client = new_browser();
    client.add_cookie("ROUTEID", ".a");
    const auto answer = client.post("/", std::string(20'000, 'x'));
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
    BOOST_TEST(shown_member(httpd, b.url()).at("busy") == "0");
}

BOOST_FIXTURE_TEST_CASE(it_is_added_while_clients_are_busy, GrowingBalancer)
{
    a.hold("/slow");
    auto answer = on_every_child.front().start_get("/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    add(b);
    enable(b);
    BOOST_TEST(new_browser_on("b").cookie("ROUTEID") == ".b");
    BOOST_TEST(shown_member(httpd, a.url()).at("busy") == "1");
    a.release("/slow");
    BOOST_TEST(answer.wait().member == "a");
    BOOST_TEST(wait_for_busy(httpd, a.url(), "0"));
}

BOOST_AUTO_TEST_SUITE_END()
