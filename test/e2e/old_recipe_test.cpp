// SPDX-License-Identifier: Apache-2.0
//
// A configuration of 2011 goes on as it is, with one line more.
// Caught if: the cookie of `Header add` changes by a byte, is sent more than once, or is empty;
// or the path behind the balancer's name is normalised on its way to the member.
#include <boost/test/unit_test.hpp>

#include <set>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const char *const kOfThatTime = R"(
    <Proxy balancer://yourlb>
     BalancerMember http://127.0.0.1:{one.port}/ route=1
     BalancerMember http://127.0.0.1:{two.port}/ route=2
     BalancerMember http://127.0.0.1:{three.port}/ route=3
     BalancerMember http://127.0.0.1:{four.port}/ route=4
     StickyBalancer On
    </Proxy>
    Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED
    ProxyPass / balancer://yourlb/http://localhost/VirtualHostBase/https/yoursite.org:443/yourplonesiteid/VirtualHostRoot/ stickysession=ROUTEID
)";

// The member's own URL ends in a slash, as in 2011; that slash goes first.
const std::string kZope =
    "//http://localhost/VirtualHostBase/https/yoursite.org:443/yourplonesiteid/VirtualHostRoot/";

struct OldSite : Scenario {
    std::vector<FakeMember> members = {start_member("one"), start_member("two"),
                                       start_member("three"), start_member("four")};
    OldSite() { start_httpd(kOfThatTime); }

    const FakeMember &member(const std::string &route) const
    {
        return members.at(static_cast<std::size_t>(std::stoi(route)) - 1);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(old_recipe_test)

BOOST_FIXTURE_TEST_CASE(a_new_client_gets_the_cookie_of_the_recipe_once, OldSite)
{
    std::set<std::string> seen;
    for (int i = 0; i < 4; ++i) {
        Browser client = new_browser();
        const auto first = client.get("/");
        const auto route = client.cookie("ROUTEID").substr(1);
        BOOST_REQUIRE(first.status == 200);
        BOOST_TEST(first.member == member(route).name());
        BOOST_TEST(first.set_cookies().size() == 1u);
        BOOST_TEST(first.set_cookie("ROUTEID") == "ROUTEID=." + route + "; path=/");
        const auto second = client.get("/");
        BOOST_TEST(second.member == first.member);
        BOOST_TEST(second.set_cookies().empty());
        seen.insert(route);
    }
    const std::set<std::string> all = {"1", "2", "3", "4"};
    BOOST_TEST(seen == all, boost::test_tools::per_element());
    for (const auto &line : httpd.access_log().wait_for(8))
        BOOST_TEST(line.at("member") == line.at("route"));  // it was us who elected
}

BOOST_FIXTURE_TEST_CASE(the_cookie_is_followed_with_and_without_a_session_name, OldSite)
{
    for (const auto *value : {".3", "session.3", "2011-04-15.3"}) {
        Browser client = new_browser();
        client.send_raw_cookies(std::string("ROUTEID=") + value);
        for (int i = 0; i < 20; ++i) {
            const auto answer = client.get("/x");
            BOOST_TEST(answer.member == "three");
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
    for (const auto *value : {".5", ".", "", "session.", ".33"}) {
        Browser client = new_browser();
        client.send_raw_cookies(std::string("ROUTEID=") + value);
        const auto answer = client.get("/x");
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.set_cookies().size() == 1u);
        BOOST_TEST(answer.set_cookie("ROUTEID").size() == std::string("ROUTEID=.1; path=/").size());
    }
}

BOOST_FIXTURE_TEST_CASE(the_path_of_the_virtual_host_monster_arrives_verbatim, OldSite)
{
    const std::vector<std::string> paths = {
        "", "x?y=1", "a//b/./c", "a%20b;v=1/c?q=http://x//y&z=%2F;k", "x?ROUTEID=.2&y=1"};
    for (const auto &path : paths) {
        Browser client = new_browser();
        client.add_cookie("ROUTEID", ".2");
        BOOST_TEST(client.get("/" + path).member == "two");
        std::string expected = kZope + path;
        if (path == "a//b/./c")  // httpd itself resolves "." and "//" before anybody maps
            expected = kZope + "a/b/c";
        BOOST_TEST(member("2").last_request().target == expected);
    }
}

BOOST_FIXTURE_TEST_CASE(without_the_members_slash_it_arrives_as_configured, Scenario)
{
    const auto one = start_member("one"), two = start_member("two");
    const auto site = [](const std::string &ours) {
        return R"(
            <Proxy "balancer://yourlb">
                BalancerMember "{one.url}" route=1
                BalancerMember "{two.url}" route=2
                )" +
               ours + R"(
            </Proxy>
            ProxyPass "/" "balancer://yourlb)" +
               kZope.substr(1) + R"(" stickysession=ROUTEID
        )";
    };
    start_httpd(site("StickyBalancer On"));
    auto &stock = start_other_httpd(site(""));
    for (const auto *path : {"x?y=1", "", "a%20b;v=1?q=//h:1/;z"}) {
        std::vector<std::string> targets;
        for (const auto *proxy : {&httpd, &stock}) {
            Browser client = new_browser(options_for(*proxy, Protocol::kHttp1));
            client.add_cookie("ROUTEID", ".2");
            BOOST_TEST(client.get(std::string("/") + path).member == "two");
            targets.push_back(two.last_request().target);
        }
        BOOST_TEST(targets[0] == kZope.substr(1) + path);
        BOOST_TEST(targets[1] == targets[0]);
    }
}

BOOST_FIXTURE_TEST_CASE(cookies_of_the_application_are_left_alone, OldSite)
{
    for (auto &member : members)
        member.on(kZope, Answer{.headers = {{"Set-Cookie", "I18N_LANGUAGE=\"en\"; Path=/"}}});
    Browser client = new_browser();
    const auto answer = client.get("/");
    const std::vector<std::string> expected = {"I18N_LANGUAGE=\"en\"; Path=/",
                                               "ROUTEID=" + client.cookie("ROUTEID") + "; path=/"};
    BOOST_TEST(answer.set_cookies() == expected, boost::test_tools::per_element());
    BOOST_TEST(client.get("/").set_cookies().size() == 1u);
    BOOST_TEST(client.get("/").set_cookie("I18N_LANGUAGE") == expected.front());
}

BOOST_AUTO_TEST_SUITE_END()
