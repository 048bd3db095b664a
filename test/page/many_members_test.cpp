// SPDX-License-Identifier: Apache-2.0
//
// A balancer of more than a thousand members: pages of 50, by name, in an order.
// Caught if: all members are asked for again and again, a page shows others than it says, or an action goes to another
// member than its row's.
#include <boost/test/unit_test.hpp>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

constexpr int kMembers = 1200;

struct ManyMembers : PageScenario {
    FakeMember a = start_member("a");

    ManyMembers()
    {
        std::string text = room() + "<Proxy \"balancer://app\">\nStickyCookie insert\n";
        for (int i = 1; i <= kMembers; ++i)
            text += "BalancerMember \"http://127.1." + std::to_string(i / 250) + "." +
                    std::to_string(i % 250 + 1) + ":{a.port}\" route=m" + std::to_string(i) + "\n";
        start_httpd(text +
                    "</Proxy>\nProxyPass \"/lb\" \"!\"\nProxyPass \"/\" \"balancer://app/\"\n");
        open_page();
    }
    Json names()
    {
        return page.run(
            "return [...document.querySelectorAll('[data-member]')].map((row) => "
            "row.dataset.member)");
    }
    bool comes_to_show(const Json &wanted)
    {
        return page.wait_for([&] { return names() == wanted; });
    }
    bool sum_comes_to_say(const std::string &text)
    {
        return page.wait_for([&] { return page.text(".sum [data-column=actual]") == text; });
    }
    static Json numbered(int first, int last)
    {
        Json wanted = Json::array();
        for (int i = first; i <= last; ++i)
            wanted.push_back("m" + std::to_string(i));
        return wanted;
    }
    // What was asked of the balancers since so many lines of the access log.
    std::vector<std::string> asked_since(std::size_t count)
    {
        std::vector<std::string> asked;
        const auto lines = httpd.access_log().lines();
        for (auto i = count; i < lines.size(); ++i)
            if (lines[i].at("uri").find("/lb/api/v1/balancers") == 0)
                asked.push_back(lines[i].at("uri"));
        return asked;
    }
    void expect_small_rounds()
    {
        const auto now = httpd.access_log().lines().size();
        BOOST_TEST(page.wait_for([&] { return asked_since(now).size() >= 6; }));
        for (const auto &uri : asked_since(now))
            BOOST_TEST((uri.find("members=no") != std::string::npos ||
                        uri.find("count=500") == std::string::npos),
                       uri);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(many_members_test)

BOOST_FIXTURE_TEST_CASE(pages_of_fifty, ManyMembers)
{
    BOOST_TEST(comes_to_show(numbered(1, 50)));
    BOOST_TEST(page.text(".pager").find("1 to 50 of 1,200") != std::string::npos);
    page.click("[data-action=next]");
    BOOST_TEST(comes_to_show(numbered(51, 100)));
    expect_small_rounds();
    BOOST_TEST(sum_comes_to_say("1,200 of 1,200 take new clients"));
    do_to("m77", "stopped");
    BOOST_TEST(comes_to_say("m77", "requested", "OFFLINE"));
    BOOST_TEST(sum_comes_to_say("1,199 of 1,200 take new clients"));
    BOOST_TEST(member("m77")["requested"] == "stopped");
    page.click("[data-action=previous]");
    BOOST_TEST(comes_to_show(numbered(1, 50)));
}

BOOST_FIXTURE_TEST_CASE(by_name_and_in_order, ManyMembers)
{
    page.type("input[type=search]", "M117");
    auto wanted = numbered(1170, 1179);
    wanted.insert(wanted.begin(), "m117");
    BOOST_TEST(comes_to_show(wanted));
    expect_small_rounds();
    page.click("th[data-column=name] .sort");
    BOOST_TEST(comes_to_show(wanted));
    page.click("th[data-column=name] .sort");
    std::reverse(wanted.begin(), wanted.end());
    BOOST_TEST(comes_to_show(wanted));
    do_to("m1173", "drain");
    BOOST_TEST(member("m1173")["requested"] == "drain");
    page.type("input[type=search]", "no such member");
    BOOST_TEST(page.wait_for(
        [this] { return page.text(".pager").find("No member matches") != std::string::npos; }));
}

// m77, m177, m277 and so on, and addresses that end so.
BOOST_FIXTURE_TEST_CASE(members_far_from_each_other_come_anew_in_each_round, ManyMembers)
{
    page.type("input[type=search]", "m77");
    BOOST_TEST(page.wait_for([this] { return names().size() == 11; }));
    page.type("input[type=search]", "77");
    BOOST_TEST(page.wait_for([this] { return names().size() == 31; }));
    expect_small_rounds();
    const auto now = httpd.access_log().lines().size();
    BOOST_TEST(page.wait_for([&] { return asked_since(now).size() >= 6; }));
    for (const auto &uri : asked_since(now))
        BOOST_TEST((uri.find("members=no") != std::string::npos ||
                    uri.find("at=75%2C76%2C175%2C") != std::string::npos),
                   uri);
    for (const auto *name : {"m77", "m777", "m1177"})
        BOOST_TEST(
            write("PATCH", std::string("balancers/app/members/") + name, {{"weight", 7}}).status ==
            200);
    for (const auto *name : {"m77", "m777", "m1177"})
        BOOST_TEST(comes_to_say(name, "requested", "ONLINE (7)"));
}

BOOST_FIXTURE_TEST_CASE(what_is_not_well_comes_first_when_asked_for, ManyMembers)
{
    BOOST_TEST(write("PATCH", "balancers/app/members/m1111", {{"requested", "stopped"}}).status ==
               200);
    page.click("th[data-column=requested] .sort");
    BOOST_TEST(page.wait_for([this] { return names().size() == 50 && names()[0] == "m1111"; }));
    expect_small_rounds();
}

BOOST_AUTO_TEST_SUITE_END()
