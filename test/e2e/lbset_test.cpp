// SPDX-License-Identifier: Apache-2.0
//
// lbset=: new clients go to the lowest set that has a usable member; a bound client's member is
// found in every set. This is also how remote sites are used only when the near one is down.
// Caught if: a higher set takes clients too early, is not reached at all, or its clients are moved
// home.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct TwoSites : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    FakeMember c = start_member("c"), d = start_member("d"), h = start_member("h");

    void start(const std::string &more = "")
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{c.url}" route=c lbset=1 connectiontimeout=5
                BalancerMember "{a.url}" route=a
                BalancerMember "{d.url}" route=d lbset=1 connectiontimeout=5
                BalancerMember "{b.url}" route=b lbset=0
        )" + more + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    void expect(const Share &share) { BOOST_TEST((share_of_new_clients(*this, 8) == share)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lbset_test)

BOOST_FIXTURE_TEST_CASE(the_lowest_set_with_a_usable_member_serves, TwoSites)
{
    start();
    expect({{"a", 4}, {"b", 4}});
    a.stop();
    allow_failed_connections();
    BOOST_TEST(new_browser_on("b").get("/").member == "b");
    new_browser().get("/");  // one of the two has met a
    expect({{"b", 8}});
    b.stop();
    new_browser().get("/");  // meets b
    expect({{"c", 4}, {"d", 4}});
}

BOOST_FIXTURE_TEST_CASE(one_request_goes_on_in_the_next_set, TwoSites)
{
    start();
    Browser client = new_browser_on("a");
    a.stop();
    b.stop();
    allow_failed_connections();
    const auto answer = client.get("/on");
    BOOST_TEST((answer.member == "c" || answer.member == "d"));
    BOOST_TEST(client.cookie("ROUTEID") == "." + answer.member);
    BOOST_TEST(logged(httpd, "/on").at("attempts") == "3");
    BOOST_TEST(client.get("/").member == answer.member);
}

BOOST_FIXTURE_TEST_CASE(a_client_of_a_higher_set_stays, TwoSites)
{
    start();
    Browser client = new_browser();
    client.add_cookie("ROUTEID", ".d");
    for (int i = 0; i < 4; ++i) {
        const auto answer = client.get("/");
        BOOST_TEST(answer.member == "d");
        BOOST_TEST(answer.set_cookies().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(a_standby_of_the_lower_set_goes_before_the_higher_set, TwoSites)
{
    start("BalancerMember \"{h.url}\" route=h status=+H");
    for (const auto *member : {"a", "b"})
        httpd.balancer_manager("app", member, {{"w_status_D", "1"}});
    expect({{"h", 8}});
    httpd.balancer_manager("app", "h", {{"w_status_D", "1"}});
    expect({{"c", 4}, {"d", 4}});
}

BOOST_FIXTURE_TEST_CASE(the_manager_moves_members_between_sets, TwoSites)
{
    start();
    Browser client = new_browser_on("a");
    httpd.balancer_manager("app", "a", {{"w_ls", "2"}});
    expect({{"b", 8}});
    BOOST_TEST(client.get("/").member == "a");
    httpd.balancer_manager("app", "b", {{"w_ls", "99"}});
    expect({{"c", 4}, {"d", 4}});
    httpd.balancer_manager("app", "c", {{"w_ls", "0"}});
    expect({{"c", 8}});
}

BOOST_AUTO_TEST_SUITE_END()
