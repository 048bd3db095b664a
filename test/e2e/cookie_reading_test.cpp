// SPDX-License-Identifier: Apache-2.0
//
// Which Cookie lines name a member. Rows carry what mod_proxy_balancer does wrong with them.
// Caught if: a cookie of another name or place decides, or one of ours is overlooked.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const char *const kThreeMembers = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        BalancerMember "{c.url}" route=c
        StickyCookie insert
    </Proxy>
    ProxyPass "/" "balancer://app/" stickysession=ROUTEID
)";

struct ThreeMembers : Scenario {
    ThreeMembers()
    {
        start_member("a"), start_member("b"), start_member("c");
        start_httpd(kThreeMembers);
    }
    Response get_with(const std::string &cookies)
    {
        return new_browser().get("/", {{"Cookie", cookies}});
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_reading_test)

BOOST_FIXTURE_TEST_CASE(lines_that_name_a_member, ThreeMembers)
{
    const std::vector<std::string> lines = {
        "ROUTEID=.b",
        "ROUTEID=session.b",
        "ROUTEID=b",       // stock: never matches without a separator
        "ROUTEID=a.c.b",   // behind the first separator is no route, behind the last is one
        "ROUTEID=\".b\"",  // stock: the quote belongs to the route
        "ROUTEID=\"session.b\"",
        "x=1; ROUTEID=.b; y=2",
        "x=1;ROUTEID=.b;y=2",
        "x=1;\tROUTEID=.b",
        "ROUTEID=.b ; y=2",
        "ROUTEID=.b;",
        "; ;ROUTEID=.b; ;",
        "noequals; ROUTEID=.b",
        "=.a; ROUTEID=.b",
        "ROUTEID; ROUTEID=.b",
        "ROUTEID=; ROUTEID=.b",
        "ROUTEID=.gone; ROUTEID=.b",  // stock: junk first, and the client is never sticky again
        "ROUTEID=\"; ROUTEID=.b",
        "ROUTEID=.gone; ROUTEID=.; ROUTEID=junk; ROUTEID=.b",
        "ROUTEID=.b; ROUTEID=.gone",
        "ROUTEID=.b; ROUTEID=.c",  // the first valid one wins
        "XROUTEID=.a; ROUTEID=.b",
        "ROUTEID2=.a; ROUTEID=.b",
        "routeid=.a; ROUTEID=.b",
        "x=ROUTEID=.a; ROUTEID=.b",
    };
    for (const auto &line : lines)
        for (int i = 0; i < 3; ++i) {
            const auto answer = get_with(line);
            BOOST_TEST(answer.member == "b", "Cookie: " << line << " went to " << answer.member);
            BOOST_TEST(answer.set_cookies().empty(), "Cookie: " << line << " got\n" << answer);
        }
}

// Each is placed like a new client, in turn, and told where.
BOOST_FIXTURE_TEST_CASE(lines_that_name_none, ThreeMembers)
{
    const std::vector<std::string> lines = {
        "XROUTEID=.b",        "ROUTEID2=.b",  "routeid=.b",   "RouteId=.b",
        "x=ROUTEID=.b",
        "x=1 ROUTEID=.b",  // stock: a space starts a pair
        "x=1,ROUTEID=.b",  // stock: so does a comma
        "x=\"1,ROUTEID=.b\"", "-ROUTEID=.b",  "ROUTEID==.b.",
        "ROUTEID=.b,x=1",  // stock: a comma ends the value
        "ROUTEID=.B",         "ROUTEID=.bb",  "ROUTEID=.",    "ROUTEID=b.",
        "ROUTEID=..",         "ROUTEID=\"\"", "ROUTEID=\"",   "ROUTEID='.b'",
        "ROUTEID=%2Eb",       "ROUTEID:.b",   "ROUTEID",      "ROUTEID=",
    };
    for (const auto &line : lines) {
        std::string before = get_with("x=1").member;
        for (int i = 0; i < 3; ++i) {
            const auto answer = get_with(line);
            BOOST_TEST(answer.member != before, "Cookie: " << line << " kept " << before);
            BOOST_TEST(answer.set_cookies().size() == 1u, "Cookie: " << line << '\n' << answer);
            BOOST_TEST(answer.set_cookie("ROUTEID") ==
                       "ROUTEID=." + answer.member + "; path=/; HttpOnly; SameSite=Lax");
            before = answer.member;
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_client_with_junk_becomes_sticky_at_once, ThreeMembers)
{
    const auto answer = get_with("ROUTEID=.gone");
    const auto both = "ROUTEID=.gone; ROUTEID=." + answer.member;  // two paths, one name
    for (int i = 0; i < 5; ++i) {
        BOOST_TEST(get_with(both).member == answer.member);
        BOOST_TEST(get_with(both).set_cookies().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(the_log_tells_none_from_invalid, ThreeMembers)
{
    std::vector<std::string> states;  // httpd logs a request after its answer: one at a time
    for (const auto *cookies : {"x=1", "ROUTEID=.gone", "ROUTEID=.gone; ROUTEID=.c"}) {
        get_with(cookies);
        states.push_back(httpd.access_log().wait_for(states.size() + 1).back().at("state"));
    }
    const std::vector<std::string> expected = {"NI", "II", "VN"};
    BOOST_TEST(states == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
