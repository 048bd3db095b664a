// SPDX-License-Identifier: Apache-2.0
//
// Routes as people name them.
// Caught if: a dot in a route is taken for the separator, a route that is the end or the beginning
// of another one answers for it, or its case is ignored.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::vector<std::string> &routes, const std::string &more = {})
{
    std::string text = "<Proxy \"balancer://app\">\n";
    for (std::size_t i = 0; i < routes.size(); ++i)
        text += "    BalancerMember \"{m" + std::to_string(i) + ".url}\" route=" + routes[i] + '\n';
    return text + "    StickyCookie insert\n</Proxy>\n" +
           "ProxyPass \"/\" \"balancer://app/\" stickysession=ROUTEID " + more;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(route_names_test)

BOOST_FIXTURE_TEST_CASE(each_route_leads_to_its_own_member, Scenario)
{
    const std::vector<std::string> routes = {
        "web.1",   "web.2", "1",  "2",  "web",   "ip-10-22-2-34.example.test", "a.b.c.d",
        "A.B.C.D", "WEB",   "11", "-x", "x_y~z", std::string(63, 'r')};
    for (std::size_t i = 0; i < routes.size(); ++i)
        start_member("m" + std::to_string(i));
    start_httpd(balancer(routes));
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const auto member = "m" + std::to_string(i);
        BOOST_TEST_CONTEXT("route " << routes[i])
        {
            Browser client = new_browser_on(member);
            BOOST_TEST(client.cookie("ROUTEID") == "." + routes[i]);
            for (const auto &value :
                 {"." + routes[i], "session." + routes[i], "\"." + routes[i] + '"'}) {
                const auto answer = new_browser().get("/", {{"Cookie", "ROUTEID=" + value}});
                BOOST_TEST(answer.member == member, value);
                BOOST_TEST(answer.set_cookies().empty(), value);
                const auto by_url = new_browser().get("/?ROUTEID=session." + routes[i]);
                BOOST_TEST(by_url.member == member, value);
                BOOST_TEST(by_url.set_cookie("ROUTEID").starts_with("ROUTEID=." + routes[i] + ';'));
            }
        }
    }
}

BOOST_FIXTURE_TEST_CASE(what_follows_the_first_separator_goes_before_the_last, Scenario)
{
    start_member("m0"), start_member("m1");
    start_httpd(balancer({"web.1", "1"}));
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"session.web.1", "m0"}, {"s.1", "m1"},       {"a.b.1", "m1"},
        {"web.1", "m1"},         {"web.web.1", "m0"}, {".web.1", "m0"}};
    for (const auto &[value, member] : rows)
        for (int i = 0; i < 2; ++i)
            BOOST_TEST(new_browser().get("/", {{"Cookie", "ROUTEID=" + value}}).member == member,
                       value);
}

// Their first one serves cookie clients; new ones are spread over both.
BOOST_FIXTURE_TEST_CASE(two_members_may_share_a_route, Scenario)
{
    start_member("m0"), start_member("m1"), start_member("m2");
    start_httpd(balancer({"x", "x", "y"}));
    httpd.log().expect("SB1103");  // share the route 'x'
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(new_browser().get("/", {{"Cookie", "ROUTEID=.x"}}).member == "m0");
    BOOST_TEST(new_browser_on("m1").cookie("ROUTEID") == ".x");
}

// mod_proxy has room for 63 characters; it takes a longer name, cuts it, and never matches.
BOOST_FIXTURE_TEST_CASE(names_of_cookies_are_never_cut, Scenario)
{
    start_member("m0"), start_member("m1");
    const auto site = [](const std::string &name, const std::string &sticky) {
        return "<Proxy \"balancer://app\">\n    BalancerMember \"{m0.url}\" route=a\n"
               "    BalancerMember \"{m1.url}\" route=b\n    StickyCookie insert" +
               (sticky.empty() ? " name=" + name : "") +
               "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\" " +
               (sticky.empty() ? "" : sticky + name) + '\n';
    };
    for (const auto *sticky : {"", "stickysession=", "stickysession=ROUTEID|"}) {
        const auto refused = httpd.config_test(site(std::string(64, 'N'), sticky));
        BOOST_TEST(!refused.accepted(), sticky);
        BOOST_TEST(refused.says("63"), sticky << refused.output);
    }
    const std::string longest(63, 'N');
    for (const auto *sticky : {"", "stickysession="}) {
        start_httpd(site(longest, sticky));
        {
            Browser client = new_browser_on("m1");
            BOOST_TEST(client.cookie(longest) == ".b");
            BOOST_TEST(client.get("/").member == "m1");
            BOOST_TEST(client.get("/").set_cookies().empty());
        }
        httpd.wait_until_idle(std::chrono::seconds(5));
        httpd.stop();
    }
}

// A member without a route cannot be named in a cookie: no cookie, and a word in the log.
BOOST_FIXTURE_TEST_CASE(a_member_without_a_route_binds_nobody, Scenario)
{
    const auto member = start_member("m0");
    start_member("m1");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{m0.url}"
            BalancerMember "{m1.url}" route=b
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    httpd.log().expect(member.url());
    Browser client = new_browser_on("m0");
    BOOST_TEST(client.cookie("ROUTEID") == "");
    BOOST_TEST(new_browser_on("m1").cookie("ROUTEID") == ".b");
}

BOOST_AUTO_TEST_SUITE_END()
