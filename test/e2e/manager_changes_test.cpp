// SPDX-License-Identifier: Apache-2.0
//
// What an administrator changes in balancer-manager counts at the very next request, in every child
// process of httpd.
// Caught if: a child goes on with what it knew, for one request or for ever.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct ManagerScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");
    std::vector<Browser> on_every_child = start();

    std::vector<Browser> start()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/" stickysession=ROUTEID
        )");
        return browsers_on_every_child(*this);
    }
    void change(const std::string &member, const HttpdInstance::Form &form)
    {
        httpd.balancer_manager("app", member, form);
    }
    // One request to each child, with this cookie or none.
    std::set<std::string> members_for(const std::string &cookie)
    {
        std::set<std::string> members;
        for (auto &browser : on_every_child) {
            browser.forget_cookies();
            browser.send_raw_cookies(cookie);
            const auto answer = browser.get("/");
            members.insert(answer.status == 200 ? answer.member : std::to_string(answer.status));
        }
        return members;
    }
    void expect(const std::string &cookie, const std::set<std::string> &members)
    {
        const auto seen = members_for(cookie);
        BOOST_TEST((seen == members), "with '" << cookie << "' " << seen.size()
                                               << " members, first " << *seen.begin());
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(manager_changes_test)

BOOST_FIXTURE_TEST_CASE(drain_and_undrain, ManagerScenario)
{
    for (int i = 0; i < 3; ++i) {
        change("b", {{"w_status_N", "1"}});
        expect("", {"a"});
        expect("ROUTEID=.b", {"b"});
        change("b", {{"w_status_N", "0"}});
        expect("", {"a", "b"});
    }
}

BOOST_FIXTURE_TEST_CASE(disable_and_enable, ManagerScenario)
{
    for (int i = 0; i < 3; ++i) {
        change("b", {{"w_status_D", "1"}});
        expect("ROUTEID=.b", {"a"});
        expect("", {"a"});
        change("b", {{"w_status_D", "0"}});
        expect("ROUTEID=.b", {"b"});
        expect("", {"a", "b"});
    }
}

BOOST_FIXTURE_TEST_CASE(a_route, ManagerScenario)
{
    change("b", {{"w_wr", "new-name"}});
    expect("ROUTEID=.new-name", {"b"});
    change("a", {{"w_status_N", "1"}});
    expect("ROUTEID=.b", {"b"});  // which nobody has now, so it is balanced
    Browser client = new_browser();
    client.get("/");
    BOOST_TEST(client.cookie("ROUTEID") == ".new-name");
}

BOOST_FIXTURE_TEST_CASE(a_route_that_moves_to_the_other_member, ManagerScenario)
{
    change("a", {{"w_wr", "x"}});
    change("b", {{"w_wr", "a"}});
    change("a", {{"w_wr", "b"}});
    expect("ROUTEID=.a", {"b"});
    expect("ROUTEID=.b", {"a"});
}

BOOST_FIXTURE_TEST_CASE(an_lbset, ManagerScenario)
{
    change("b", {{"w_ls", "1"}});
    expect("", {"a"});
    expect("ROUTEID=.b", {"b"});
    change("b", {{"w_ls", "0"}});
    expect("", {"a", "b"});
}

BOOST_FIXTURE_TEST_CASE(a_weight, ManagerScenario)
{
    change("b", {{"w_lf", "100"}});
    Share seen;
    for (int i = 0; i < 24; ++i) {
        auto &browser = on_every_child[static_cast<std::size_t>(i) % on_every_child.size()];
        browser.forget_cookies();
        ++seen[browser.get("/").member];
    }
    BOOST_TEST(seen["a"] <= 1);
}

BOOST_FIXTURE_TEST_CASE(the_stickysession, ManagerScenario)
{
    change("", {{"b_ss", "LB2"}});
    change("a", {{"w_status_N", "1"}});
    for (auto &browser : on_every_child) {
        browser.send_raw_cookies("ROUTEID=.a");
        const auto answer = browser.get("/");
        BOOST_TEST(answer.member == "b");
        BOOST_TEST(answer.set_cookie("ROUTEID") == "");
        BOOST_TEST(answer.set_cookie("LB2") == "LB2=.b; path=/; HttpOnly; SameSite=Lax");
    }
    expect("LB2=.a", {"a"});
}

BOOST_FIXTURE_TEST_CASE(a_change_is_reported_once_for_all_children, ManagerScenario)
{
    change("b", {{"w_lf", "2"}});
    expect("ROUTEID=.b", {"b"});
    expect("ROUTEID=.a", {"a"});
    httpd.log().expect("SB2004");
    BOOST_TEST(httpd.log().count("SB2004") == 1);
}

BOOST_FIXTURE_TEST_CASE(the_lbmethod, ManagerScenario)
{
    for (const auto *method : {"byrequests", "bytraffic", "roundrobin"}) {
        change("", {{"b_lbm", method}});
        expect("", {"a", "b"});
        expect("ROUTEID=.a", {"a"});
        expect("ROUTEID=.b", {"b"});
        change("b", {{"w_status_N", "1"}});
        expect("", {"a"});
        change("b", {{"w_status_N", "0"}});
    }
}

BOOST_AUTO_TEST_SUITE_END()
