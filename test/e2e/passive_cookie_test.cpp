// SPDX-License-Identifier: Apache-2.0
//
// passive: the application's session cookie names the member, as Tomcat writes it, and nothing is
// ever set.
// Caught if: a client gets a cookie from us, or one without a session is bound.
#include <boost/test/unit_test.hpp>

#include <map>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Tomcats : Scenario {
    std::vector<FakeMember> members = {start_member("a"), start_member("b"), start_member("c")};
    Tomcats()
    {
        for (auto &member : members)
            member.on("/login",
                      Answer{.headers = {{"Set-Cookie", "JSESSIONID=58B755C9A." + member.name() +
                                                            "; Path=/; HttpOnly"}}});
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                BalancerMember "{c.url}" route=c
                StickyCookie passive
            </Proxy>
            ProxyPass "/" "balancer://app/" stickysession=JSESSIONID|jsessionid scolonpathdelim=On
        )");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(passive_cookie_test)

BOOST_FIXTURE_TEST_CASE(the_application_binds_a_client, Tomcats)
{
    for (int i = 0; i < 6; ++i) {
        Browser client = new_browser();
        const auto login = client.get("/login");
        BOOST_TEST(login.set_cookies().size() == 1u);
        BOOST_TEST(login.set_cookie("JSESSIONID") ==
                   "JSESSIONID=58B755C9A." + login.member + "; Path=/; HttpOnly");
        for (int page = 0; page < 5; ++page) {
            const auto answer = client.get("/page");
            BOOST_TEST(answer.member == login.member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
}

BOOST_FIXTURE_TEST_CASE(without_a_session_requests_are_spread_and_stay_free, Tomcats)
{
    Browser client = new_browser();
    std::map<std::string, int> served;
    for (int i = 0; i < 9; ++i) {
        const auto answer = client.get("/img.png");
        BOOST_TEST(answer.set_cookies().empty());
        ++served[answer.member];
    }
    const std::map<std::string, int> expected = {{"a", 3}, {"b", 3}, {"c", 3}};
    BOOST_TEST((served == expected));
    const auto lines = httpd.access_log().wait_for(9);
    for (const auto &line : lines) {
        BOOST_TEST(line.at("cause") == "policy");
        BOOST_TEST(line.at("state") == "NN");
    }
}

BOOST_FIXTURE_TEST_CASE(a_session_is_read_from_the_url_too, Tomcats)
{
    for (const auto *path :
         {"/page;jsessionid=58B7.b", "/page?jsessionid=58B7.b", "/page;jsessionid=58B7.b;x=1?y=2"})
        for (int i = 0; i < 3; ++i) {
            const auto answer = new_browser().get(path);
            BOOST_TEST(answer.member == "b", path);
            BOOST_TEST(answer.set_cookies().empty());
        }
    BOOST_TEST(
        new_browser().get("/page;jsessionid=58B7.b", {{"Cookie", "JSESSIONID=1.c"}}).member == "c");
}

BOOST_FIXTURE_TEST_CASE(a_session_of_a_member_that_is_gone_is_placed_anew, Tomcats)
{
    std::map<std::string, int> served;
    for (int i = 0; i < 6; ++i) {
        const auto answer = new_browser().get("/", {{"Cookie", "JSESSIONID=58B755C9A.old"}});
        BOOST_TEST(answer.set_cookies().empty());
        ++served[answer.member];
    }
    BOOST_TEST(served.size() == 3u);
    members[1].stop();
    allow_failed_connections();
    const auto answer = new_browser().get("/", {{"Cookie", "JSESSIONID=58B755C9A.b"}});
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.set_cookies().empty());
}

BOOST_AUTO_TEST_SUITE_END()
