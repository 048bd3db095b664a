// SPDX-License-Identifier: Apache-2.0
//
// Balancers of different modes in one server, used by one client at the same time, beside one that
// stays with mod_proxy_balancer.
// Caught if: a cookie of one is written, read or overwritten by another, or the stock one changes.
#include <boost/test/unit_test.hpp>

#include <map>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &name, const std::string &sticky,
                     const std::string &settings = {})
{
    std::string text = "<Proxy \"balancer://" + name + "\">\n";
    for (const auto *member : {"a", "b", "c"})
        text += std::string("    BalancerMember \"{") + member + ".url}\" route=" + member + '\n';
    return text + sticky + "\n</Proxy>\nProxyPass \"/" + name + "/\" \"balancer://" + name +
           "/\" " + settings + '\n';
}

struct ThreeMembers : Scenario {
    std::vector<FakeMember> members = {start_member("a"), start_member("b"), start_member("c")};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_modes_test)

BOOST_FIXTURE_TEST_CASE(each_balancer_follows_its_own_cookie, ThreeMembers)
{
    for (auto &member : members)
        member.on(
            "/login",
            Answer{.headers = {{"Set-Cookie", "JSESSIONID=1." + member.name() + "; Path=/"}}});
    start_httpd(balancer("shop", "StickyCookie insert name=SHOP") +
                balancer("wiki", "StickyCookie insert name=WIKI path=/wiki") +
                balancer("tomcat", "StickyCookie passive", "stickysession=JSESSIONID") +
                balancer("static", "StickyBalancer On") + balancer("old", "", "stickysession=OLD") +
                R"(
        <Location "/old/">
            Header add Set-Cookie "OLD=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED
        </Location>
    )");
    Browser client = new_browser();
    std::map<std::string, std::string> bound;
    bound["/shop/"] = client.get("/shop/").member;
    new_browser().get("/wiki/");  // so that they do not all begin with the same member
    bound["/wiki/"] = client.get("/wiki/").member;
    new_browser().get("/tomcat/"), new_browser().get("/tomcat/");
    bound["/tomcat/"] = client.get("/tomcat/login").member;
    bound["/old/"] = client.get("/old/").member;
    BOOST_TEST(bound["/shop/"] != bound["/wiki/"]);
    BOOST_TEST(bound["/wiki/"] != bound["/tomcat/"]);

    std::map<std::string, int> of_static;
    for (int i = 0; i < 9; ++i) {
        for (const auto &[path, member] : bound) {
            const auto answer = client.get(path);
            BOOST_TEST(answer.member == member, path);
            BOOST_TEST(answer.set_cookies().empty(), path);
        }
        const auto answer = client.get("/static/");
        BOOST_TEST(answer.set_cookies().empty());
        ++of_static[answer.member];
    }
    const std::map<std::string, int> even = {{"a", 3}, {"b", 3}, {"c", 3}};
    BOOST_TEST((of_static == even));
    BOOST_TEST(client.cookie("SHOP") == "." + bound["/shop/"]);
    BOOST_TEST(client.cookie("WIKI") == "." + bound["/wiki/"]);
    BOOST_TEST(client.cookie("OLD") == "." + bound["/old/"]);
    BOOST_TEST(client.cookie("ROUTEID") == "");
}

BOOST_FIXTURE_TEST_CASE(one_name_with_two_paths_makes_two_cookies, ThreeMembers)
{
    start_httpd(balancer("shop", "StickyCookie insert path=/shop", "stickysession=ROUTEID") +
                balancer("wiki", "StickyCookie insert path=/wiki", "stickysession=ROUTEID"));
    Browser client = new_browser();
    const auto shop = client.get("/shop/").member;
    new_browser().get("/wiki/");
    const auto wiki = client.get("/wiki/").member;
    BOOST_TEST(shop != wiki);
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST(client.get("/shop/").member == shop);
        BOOST_TEST(client.get("/wiki/").member == wiki);
    }
}

// What mod_proxy_balancer gets wrong, it must go on getting wrong there.
BOOST_FIXTURE_TEST_CASE(a_balancer_that_is_not_ours_is_not_touched, ThreeMembers)
{
    start_httpd(balancer("ours", "StickyCookie insert") +
                balancer("stock", "", "stickysession=ROUTEID"));
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST(new_browser().get("/stock/ROUTEID=.b").member == "b");
        const auto answer = new_browser().get("/stock/", {{"Cookie", "x=1,ROUTEID=.c"}});
        BOOST_TEST(answer.member == "c");
        BOOST_TEST(answer.set_cookies().empty());
        BOOST_TEST(new_browser().get("/stock/").set_cookies().empty());
        BOOST_TEST(new_browser().get("/ours/").set_cookies().size() == 1u);
    }
    for (const auto &line : httpd.access_log().wait_for(16)) {
        const bool ours = line.at("uri").starts_with("/ours/");
        for (const auto *variable : {"member", "cause", "state", "attempts"})
            BOOST_TEST((line.at(variable) != "-") == ours, line.at("uri") << ' ' << variable);
        BOOST_TEST(line.at("route") != "-");
    }
}

BOOST_AUTO_TEST_SUITE_END()
