// SPDX-License-Identifier: Apache-2.0
//
// Persistence is a choice of each balancer; without it nothing is read and nothing set.
// Caught if: a default of the server makes a balancer ours or sticky that was told not to be.
#include <boost/test/unit_test.hpp>

#include <map>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &name, const std::string &sticky,
                     const std::string &settings = {})
{
    return "<Proxy \"balancer://" + name + "\">\n" +
           "    BalancerMember \"{a.url}\" route=a\n"
           "    BalancerMember \"{b.url}\" route=b\n    " +
           sticky + "\n</Proxy>\nProxyPass \"/" + name + "/\" \"balancer://" + name + "/\" " +
           settings + '\n';
}

struct TwoMembers : Scenario {
    TwoMembers() { start_member("a"), start_member("b"); }

    // One jar, many requests.
    void check_not_sticky(const std::string &name, bool ours = true)
    {
        Browser client = new_browser();
        std::map<std::string, int> served;
        for (int i = 0; i < 8; ++i) {
            const auto answer = client.get('/' + name + '/', {{"Cookie", "ROUTEID=.b"}});
            BOOST_TEST(answer.set_cookies().empty(), name);
            ++served[answer.member];
        }
        const std::map<std::string, int> even = {{"a", 4}, {"b", 4}};
        BOOST_TEST((served == even), name);
        for (const auto &line : httpd.access_log().wait_for(count_ += 8))
            if (line.at("uri").starts_with('/' + name + '/'))
                BOOST_TEST((line.at("member") != "-") == ours, name);
    }
    void check_sticky(const std::string &name)
    {
        Browser client = new_browser();
        const auto first = client.get('/' + name + '/');
        BOOST_TEST(first.set_cookies().size() == 1u, name);
        for (int i = 0; i < 4; ++i)
            BOOST_TEST(client.get('/' + name + '/').member == first.member, name);
        count_ += 5;
    }

private:
    std::size_t count_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_off_test)

BOOST_FIXTURE_TEST_CASE(a_balancer_without_persistence_spreads_one_client, TwoMembers)
{
    start_httpd(balancer("on", "StickyBalancer On") +
                balancer("off", "StickyBalancer On\nStickyCookie off") +
                balancer("both", "StickyBalancer On\nStickyCookie off", "stickysession=OTHER"));
    check_not_sticky("on");
    check_not_sticky("off");
    check_not_sticky("both");
}

BOOST_FIXTURE_TEST_CASE(defaults_of_the_server_make_no_balancer_ours, TwoMembers)
{
    start_httpd("StickyCookie insert samesite=strict\n" + balancer("plain", "") +
                balancer("on", "StickyBalancer On") + balancer("off", "StickyCookie off") +
                balancer("own", "StickyCookie insert httponly=off"));
    check_not_sticky("plain", false);
    check_not_sticky("off", false);
    check_sticky("on");
    check_sticky("own");
    BOOST_TEST(new_browser().get("/on/").set_cookie("ROUTEID").find("SameSite=Strict") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_balancer_may_leave_what_the_server_switched_on, TwoMembers)
{
    start_httpd("StickyBalancer On\nStickyCookie insert\n" + balancer("by-default", "") +
                balancer("not-ours", "StickyBalancer Off") +
                balancer("no-cookie", "StickyCookie off"));
    check_sticky("by-default");
    check_not_sticky("not-ours", false);
    check_not_sticky("no-cookie");
}

BOOST_AUTO_TEST_SUITE_END()
