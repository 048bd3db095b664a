// SPDX-License-Identifier: Apache-2.0
//
// Hot standby (+H) and hot spare (+R) members, as httpd documents them: a standby serves only where
// no other member nor spare can; a usable spare takes the place of each unusable member of its set.
// Caught if: a reserve takes clients while it is not needed, too few or too many of them do, or a
// client of a reserve is sent away from it.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct ReserveScenario : Scenario {
    // Each word of `members` is NAME:STATUS; a member's name is its route.
    void start(const std::vector<std::pair<std::string, std::string>> &members)
    {
        std::string text = "<Proxy \"balancer://app\">\n";
        for (const auto &[name, words] : members) {
            start_member(name);
            text += "BalancerMember \"{" + name + ".url}\" route=" + name + " " + words + "\n";
        }
        start_httpd(text + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    void disable(const std::string &member, bool on = true)
    {
        httpd.balancer_manager("app", member, {{"w_status_D", on ? "1" : "0"}});
    }
    void expect(const Share &share)
    {
        const auto seen = share_of_new_clients(*this, 12);
        BOOST_TEST((seen == share));
        for (const auto &[member, count] : seen)
            BOOST_TEST_MESSAGE(member << " had " << count);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(standby_test)

BOOST_FIXTURE_TEST_CASE(a_standby_serves_when_nobody_else_can, ReserveScenario)
{
    start({{"a", ""}, {"b", ""}, {"h", "status=+H"}});
    expect({{"a", 6}, {"b", 6}});
    disable("a");
    expect({{"b", 12}});
    disable("b");
    expect({{"h", 12}});
    disable("a", false);
    expect({{"a", 12}});
}

BOOST_FIXTURE_TEST_CASE(a_client_of_a_standby_stays_there, ReserveScenario)
{
    start({{"a", ""}, {"h", "status=+H"}});
    disable("a");
    Browser client = new_browser_on("h");
    disable("a", false);
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(client.get("/").member == "h");
    disable("h");
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
}

BOOST_FIXTURE_TEST_CASE(a_standby_answers_the_request_that_finds_all_others_dead, ReserveScenario)
{
    start({{"h", "status=+H"}});
    auto a = start_member("a"), b = start_member("b");
    httpd.rewrite_config(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            BalancerMember "{h.url}" route=h status=+H
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    a.stop();
    b.stop();
    allow_failed_connections();
    const auto answer = new_browser().get("/found");
    BOOST_TEST(answer.member == "h");
    BOOST_TEST(answer.set_cookies().size() == 1u);
    BOOST_TEST(logged(httpd, "/found").at("attempts") == "3");
}

BOOST_FIXTURE_TEST_CASE(a_spare_takes_the_place_of_each_unusable_member, ReserveScenario)
{
    start({{"a", ""}, {"b", ""}, {"r1", "status=+R"}, {"r2", "status=+R"}});
    expect({{"a", 6}, {"b", 6}});
    disable("b");
    expect({{"a", 6}, {"r1", 6}});
    disable("a");
    expect({{"r1", 6}, {"r2", 6}});
    disable("a", false);
    disable("b", false);
    expect({{"a", 6}, {"b", 6}});
}

BOOST_FIXTURE_TEST_CASE(a_spare_takes_the_place_of_a_draining_member, ReserveScenario)
{
    start({{"a", ""}, {"b", ""}, {"r", "status=+R"}});
    Browser kept = new_browser_on("b");
    httpd.drain("app", "b");
    expect({{"a", 6}, {"r", 6}});
    BOOST_TEST(kept.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_spare_replaces_members_of_its_own_lbset_only, ReserveScenario)
{
    start({{"a", "lbset=0"}, {"b", "lbset=0"}, {"r", "status=+R lbset=1"}});
    disable("b");
    expect({{"a", 12}});
}

BOOST_FIXTURE_TEST_CASE(spares_go_before_standbys, ReserveScenario)
{
    start({{"a", ""}, {"h", "status=+H"}, {"r", "status=+R"}});
    disable("a");
    expect({{"r", 12}});
    disable("r");
    expect({{"h", 12}});
}

BOOST_FIXTURE_TEST_CASE(the_manager_makes_and_unmakes_reserves, ReserveScenario)
{
    start({{"a", ""}, {"b", ""}, {"c", ""}});
    httpd.balancer_manager("app", "c", {{"w_status_H", "1"}});
    expect({{"a", 6}, {"b", 6}});
    httpd.balancer_manager("app", "c", {{"w_status_H", "0"}});
    expect({{"a", 4}, {"b", 4}, {"c", 4}});
    httpd.balancer_manager("app", "c", {{"w_status_R", "1"}});
    expect({{"a", 6}, {"b", 6}});
    disable("a");
    expect({{"b", 6}, {"c", 6}});
}

BOOST_AUTO_TEST_SUITE_END()
