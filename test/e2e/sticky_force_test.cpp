// SPDX-License-Identifier: Apache-2.0
//
// sticky-force=ROUTE: this request goes to this member, whatever its state, and binds nobody.
// Caught if: a member out of rotation cannot be tested, or its tester stays with it.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &sticky)
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            BalancerMember "{c.url}" route=web.c
            )" +
           sticky + R"(
        </Proxy>
        SetEnvIf X-Force "^(.+)$" sticky-force=$1
        ProxyPass "/" "balancer://app/" stickysession=ROUTEID
    )";
}

const Header kForceB = {"X-Force", "b"};

struct ThreeMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    // Clients of every kind reach b with it, and only with it.
    void check_forced(const std::string &state)
    {
        BOOST_TEST_CONTEXT("b is " << state)
        {
            Browser bound = new_browser_on("a");
            for (int i = 0; i < 3; ++i) {
                const auto forced = bound.get("/", {kForceB});
                BOOST_TEST(forced.member == "b");
                BOOST_TEST(forced.set_cookies().empty(), forced);
                const auto free = bound.get("/");
                BOOST_TEST(free.member == "a");
                BOOST_TEST(free.set_cookies().empty(), free);
                const auto fresh = new_browser().get("/?ROUTEID=.a", {kForceB});
                BOOST_TEST(fresh.member == "b");
                BOOST_TEST(fresh.set_cookies().empty(), fresh);
            }
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sticky_force_test)

BOOST_FIXTURE_TEST_CASE(whatever_an_administrator_made_of_the_member, ThreeMembers)
{
    start_httpd(balancer("StickyCookie insert"));
    check_forced("up");
    for (const auto *status : {"w_status_N", "w_status_D", "w_status_S", "w_status_H"}) {
        balancer_manager("app", "b", {{status, "1"}});
        check_forced(status);
        balancer_manager("app", "b", {{status, "0"}});
    }
    BOOST_TEST(new_browser_on("b").cookie("ROUTEID") == ".b");
}

BOOST_FIXTURE_TEST_CASE(while_it_is_in_error, ThreeMembers)
{
    start_httpd(balancer("StickyCookie insert"));
    b.stop();
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(new_browser().get("/").status == 200);
    httpd.log().expect("AH00957");
    allow_failed_connections();
    b.start_again();
    for (int i = 0; i < 6; ++i)  // others do not reach it before its retry time
        BOOST_TEST(new_browser().get("/").member != "b");
    BOOST_TEST(new_browser().get("/", {kForceB}).member == "b");
    check_forced("back");
}

// A member out of rotation may still have requests that it began before.
BOOST_FIXTURE_TEST_CASE(while_it_is_full, ThreeMembers)
{
    start_httpd(balancer("StickyCookie insert\nStickyMember b maxconn=1"));
    Browser bound = new_browser_on("b");
    b.hold("/slow");
    auto slow = bound.start_get("/slow");
    BOOST_REQUIRE(b.wait_held("/slow", 1));
    const auto ask_forced = [this](int number) {
        RawConnection client(httpd.port());
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Force: b\r\n\r\n");
        httpd.log().expect_count("SB4004", number);  // it waits
        return client;
    };
    auto before = ask_forced(1);
    balancer_manager("app", "b", {{"w_status_D", "1"}});
    auto after = ask_forced(2);
    b.release("/slow");
    BOOST_TEST(slow.wait().status == 200);
    BOOST_TEST(before.read_response().member == "b");
    BOOST_TEST(after.read_response().member == "b");
}

// The one who tests a member wants that member's answer, not another's.
BOOST_FIXTURE_TEST_CASE(a_dead_member_is_not_replaced, ThreeMembers)
{
    start_httpd(balancer("StickyCookie insert"));
    Browser bound = new_browser_on("a");
    b.stop();
    allow_failed_connections();
    for (int i = 0; i < 3; ++i) {
        const auto answer = bound.get("/", {kForceB});
        BOOST_TEST(answer.status == 503);
        BOOST_TEST(answer.member == "");
        BOOST_TEST(answer.set_cookies().empty(), answer);
        BOOST_TEST(bound.get("/").member == "a");
    }
    httpd.log().allow("SB");
}

BOOST_FIXTURE_TEST_CASE(the_old_recipe_binds_nobody_either, ThreeMembers)
{
    start_httpd(balancer("StickyBalancer On") +
                "Header add Set-Cookie \"ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/\" "
                "env=BALANCER_ROUTE_CHANGED\n");
    check_forced("up");
}

BOOST_FIXTURE_TEST_CASE(a_route_that_no_member_has_forces_nothing, ThreeMembers)
{
    start_httpd(balancer("StickyCookie insert"));
    Browser bound = new_browser_on("a");
    for (const auto *route : {"gone", "B", "bb", ".b", "c", ""}) {
        const auto answer = bound.get("/", {{"X-Force", route}});
        BOOST_TEST(answer.status == 200, '"' << route << '"');
        BOOST_TEST(answer.member == "a", '"' << route << '"');
        BOOST_TEST(answer.set_cookies().empty(), '"' << route << '"');
    }
    BOOST_TEST(bound.get("/", {{"X-Force", "web.c"}}).member == "c");
    httpd.log().expect("SB3002");  // no route of a member
}

BOOST_FIXTURE_TEST_CASE(the_log_says_so, ThreeMembers)
{
    start_httpd(balancer("StickyCookie insert"));
    new_browser().get("/forced", {kForceB, {"Cookie", "ROUTEID=.a"}});
    const auto line = httpd.access_log().wait_for(1).front();
    BOOST_TEST(line.at("cause") == "forced");
    BOOST_TEST(line.at("member") == "b");
    BOOST_TEST(line.at("route") == "b");
    BOOST_TEST(line.at("changed") == "-");
    BOOST_TEST(line.at("state").substr(1) == "N");
}

BOOST_AUTO_TEST_SUITE_END()
