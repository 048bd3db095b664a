// SPDX-License-Identifier: Apache-2.0
//
// balancer-manager takes any text as a route or a stickysession. What cannot stand in a cookie must
// not reach a client as one.
// Caught if: a slip of an administrator breaks Set-Cookie lines, or every answer that sets one.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct TwoMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    TwoMembers()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/" stickysession=ROUTEID
        )");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(manager_names_test)

BOOST_FIXTURE_TEST_CASE(a_stickysession_that_cannot_be_a_cookie, TwoMembers)
{
    for (const auto *name : {"A;B", "A B", "A=B", "A\x06"}) {
        httpd.balancer_manager("app", "", {{"b_ss", name}});
        const auto answer = new_browser().get("/");
        BOOST_TEST(answer.status == 200);
        for (const auto &cookie : answer.set_cookies())
            BOOST_TEST(cookie.substr(0, cookie.find('=')).find_first_of("; =") == std::string::npos,
                       cookie);
        BOOST_TEST(answer.set_cookie(name) == "");
    }
    httpd.log().allow("AH02430");  // httpd refuses to send such a header
}

BOOST_FIXTURE_TEST_CASE(a_route_that_cannot_stand_in_a_cookie, TwoMembers)
{
    for (const auto *route : {"x;y", "x y", "x,y", "x\r\nSet-Cookie: evil=1"}) {
        httpd.balancer_manager("app", "a", {{"w_wr", route}});
        for (int i = 0; i < 2; ++i) {
            const auto answer = new_browser().get("/");
            BOOST_TEST(answer.status == 200);
            BOOST_TEST(answer.set_cookies().size() == (answer.member == "a" ? 0u : 1u));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
