// SPDX-License-Identifier: Apache-2.0
//
// What members are called on mod_status' page, and that nothing that somebody else wrote there is markup.
// Caught if: two members have one name, the order is not the configuration's, a member that was added is
// not shown by some child, or a label ends a tag or a line.
#include <boost/test/unit_test.hpp>

#include "test/e2e/status_page.hpp"

using namespace stickybalancer::test;

namespace {

using List = std::vector<std::string>;

struct Names : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    void start(const std::string &lines)
    {
        start_httpd("<Proxy \"balancer://app\">\n" + lines +
                    "StickyCookie insert\n</Proxy>\n"
                    "<Proxy \"balancer://foreign\">\nBalancerMember \"{c.url}\" route=elsewhere\n"
                    "</Proxy>\n" +
                    kServerStatus +
                    "ProxyPass \"/foreign/\" \"balancer://foreign/\"\n"
                    "ProxyPass \"/\" \"balancer://app/\"\n");
    }
    std::string place(const FakeMember &member)
    {
        return "127.0.0.1:" + std::to_string(member.port());
    }
    List names(Browser &through)
    {
        auto lines = shown_balancer(through);
        List found;
        for (int i = 0; lines.contains("Member[" + std::to_string(i) + "]Name"); ++i)
            found.push_back(lines["Member[" + std::to_string(i) + "]Name"]);
        return found;
    }
    void expect_names(const List &expected)
    {
        auto client = new_browser();
        BOOST_TEST(names(client) == expected, boost::test_tools::per_element());
    }
    std::string html() { return new_browser().get("/server-status").body; }
};

bool has(const std::string &page, const std::string &text)
{
    return page.find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(member_names_test)

BOOST_FIXTURE_TEST_CASE(routes_are_numbered_where_they_are_shared, Names)
{
    start(R"(
        BalancerMember "{b.url}" route=x
        BalancerMember "{a.url}" route=x
        BalancerMember "{c.url}"
        BalancerMember "ws://127.0.0.1:{c.port}"
        BalancerMember "http://127.0.0.1:1" route=y
        BalancerMember "http://127.0.0.1:2" route=x:2
    )");
    httpd.log().expect("SB1103");
    httpd.log().expect("SB1104");
    expect_names({"x", place(a), c.url(), "ws://" + place(c), "y", "x:2"});
    httpd.balancer_manager("app", "http://127.0.0.1:2", {{"w_wr", "z"}});
    expect_names({"x", "x:2", c.url(), "ws://" + place(c), "y", "z"});
}

BOOST_FIXTURE_TEST_CASE(without_a_route_it_is_host_and_port, Names)
{
    start("BalancerMember \"{a.url}\"\nBalancerMember \"http://127.0.0.1\" route=y\n");
    httpd.log().expect("SB1104");
    expect_names({place(a), "y"});
    BOOST_TEST(shown(*this, "Member[0]Address") == place(a));
    BOOST_TEST(shown(*this, "Member[0]Route") == "");
    BOOST_TEST(shown(*this, "Member[0]URL") == a.url());
    BOOST_TEST(shown(*this, "Member[1]Address") == "127.0.0.1:80");
    BOOST_TEST(shown(*this, "Member[1]Route") == "y");
}

BOOST_FIXTURE_TEST_CASE(a_password_in_a_url_is_not_shown, Names)
{
    start(
        "BalancerMember \"http://somebody:hush@127.0.0.1:{a.port}\" route=a\n"
        "BalancerMember \"http://somebody:hush@127.0.0.1:{b.port}\"\n"
        "BalancerMember \"ws://somebody:hush@127.0.0.1:{b.port}\"\n");
    httpd.log().expect("SB1104");
    BOOST_TEST(shown(*this, "Member[0]URL") == a.url());
    BOOST_TEST(shown(*this, "Member[1]Name") == b.url());
    const auto text = new_browser().get("/server-status?auto").body;
    BOOST_TEST(!has(text, "hush"));
    BOOST_TEST(!has(html(), "hush"));
}

BOOST_FIXTURE_TEST_CASE(balancers_of_others_are_not_shown, Names)
{
    start("BalancerMember \"{a.url}\" route=a\n");
    const auto text = new_browser().get("/server-status?auto").body;
    BOOST_TEST(has(text, "StickyBalancer[0]Name: balancer://app\n"));
    BOOST_TEST(!has(text, "StickyBalancer[1]"));
    BOOST_TEST(has(html(), "<h1>Members of balancer://app</h1>"));
    BOOST_TEST(!has(html(), "<h1>Members of balancer://foreign</h1>"));
    BOOST_TEST(has(html(), "<h1>Cookies refused by mod_stickybalancer</h1>"));
}

BOOST_FIXTURE_TEST_CASE(a_label_is_text, Names)
{
    start(
        "BalancerMember \"{a.url}\" route=a\nBalancerMember \"{b.url}\" route=b loadfactor=2.5\n"
        "StickyMember a \"label=<i>&'S\xC3\xBC\xE2\x82\xAC\"\nStickyMember b weight=3\n");
    const auto page = html();
    BOOST_TEST(!has(page, "<i>"));
    BOOST_TEST(has(page, "<tr><td>up</td><td>&lt;i&gt;&amp;'S&#252;&#8364;</td><td>" + place(a) +
                             "</td><td>0</td><td>READY (1)</td>"));
    BOOST_TEST(
        has(page, "<tr><td>up</td><td></td><td>" + place(b) + "</td><td>0</td><td>READY (3)</td>"));
    BOOST_TEST(shown(*this, "Member[0]Label") == "<i>&'S\xC3\xBC\xE2\x82\xAC");
    BOOST_TEST(shown(*this, "Member[1]Weight") == "3");
}

BOOST_FIXTURE_TEST_CASE(a_route_of_an_operator_stays_on_its_line, Names)
{
    start("BalancerMember \"{a.url}\" route=a\nBalancerMember \"{b.url}\" route=b\n");
    httpd.balancer_manager("app", a.url(), {{"w_wr", "a\nStickyBalancer[0]Name: x<i>\xFF"}});
    auto client = new_browser();
    BOOST_TEST(shown_balancer(client)["Name"] == "balancer://app");
    BOOST_TEST(!has(html(), "x<i>"));
    BOOST_TEST(has(html(), "x&lt;i&gt;&#63;</td>"));
}

BOOST_FIXTURE_TEST_CASE(a_member_that_was_added_is_shown_by_every_child, Names)
{
    start("BalancerMember \"{a.url}\" route=a\nProxySet growth=2\n");
    auto on_every_child = browsers_on_every_child(*this);
    httpd.balancer_manager("app", "", {{"b_wyes", "1"}, {"b_nwrkr", b.url()}});
    for (auto &browser : on_every_child)
        BOOST_TEST((names(browser) == List{"a", place(b)}));
    BOOST_TEST(shown(*this, "Member[1]Requested") == "stopped");
}

BOOST_AUTO_TEST_SUITE_END()
