// SPDX-License-Identifier: Apache-2.0
//
// sticky-ignore: this request is balanced; nothing is read and nothing set.
// Caught if: a request with it is bound or binds, or one without it is affected.
#include <boost/test/unit_test.hpp>

#include <map>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &sticky)
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            )" +
           sticky + R"(
        </Proxy>
        SetEnvIf Request_URI "^/by-setenvif/" sticky-ignore
        RewriteEngine On
        RewriteRule "^/by-rewrite/" "-" [E=sticky-ignore:1]
        <Location "/by-setenv/">
            SetEnv sticky-ignore 1
        </Location>
        <If "%{REQUEST_URI} =~ m#^/by-if/#">
            SetEnv sticky-ignore on
        </If>
        ProxyPass "/" "balancer://app/" stickysession=ROUTEID
    )";
}

const std::string kRecipe =
    "Header add Set-Cookie \"ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/\" "
    "env=BALANCER_ROUTE_CHANGED\n";

struct TwoMembers : Scenario {
    TwoMembers() { start_member("a"), start_member("b"); }

    void check_ignored(const std::string &path)
    {
        Browser client = new_browser_on("b");
        for (const auto *target : {"x", "x?ROUTEID=.b", "x;ROUTEID=.b"}) {
            std::map<std::string, int> served;
            for (int i = 0; i < 4; ++i) {
                const auto answer = client.get(path + target);
                BOOST_TEST(answer.set_cookies().empty(), path << '\n' << answer);
                ++served[answer.member];
            }
            BOOST_TEST(served["a"] == 2, path);
            BOOST_TEST(served["b"] == 2, path);
        }
        BOOST_TEST(client.cookie("ROUTEID") == ".b");
        BOOST_TEST(client.get("/").member == "b");
        Browser other = new_browser();
        BOOST_TEST(other.get(path).set_cookies().empty(), path);
        BOOST_TEST(other.get("/").set_cookies().size() == 1u, path);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sticky_ignore_test)

BOOST_FIXTURE_TEST_CASE(however_it_is_set, TwoMembers)
{
    start_httpd(balancer("StickyCookie insert"));
    for (const auto *path : {"/by-setenvif/", "/by-rewrite/", "/by-setenv/", "/by-if/"})
        check_ignored(path);
}

BOOST_FIXTURE_TEST_CASE(the_old_recipe_binds_nobody_either, TwoMembers)
{
    start_httpd(balancer("StickyBalancer On") + kRecipe);
    check_ignored("/by-setenvif/");
}

BOOST_FIXTURE_TEST_CASE(the_log_says_so, TwoMembers)
{
    start_httpd(balancer("StickyCookie insert"));
    new_browser().get("/by-setenvif/", {{"Cookie", "ROUTEID=.b"}});
    const auto line = httpd.access_log().wait_for(1).front();
    BOOST_TEST(line.at("cause") == "policy");
    BOOST_TEST(line.at("member") == line.at("route"));
    BOOST_TEST(line.at("changed") == "-");
    BOOST_TEST(line.at("state").substr(1) == "N");  // nothing was inserted
}

BOOST_FIXTURE_TEST_CASE(a_failover_binds_nobody, Scenario)
{
    auto a = start_member("a"), b = start_member("b");
    start_httpd(balancer("StickyCookie insert"));
    b.stop();
    allow_failed_connections();
    for (int i = 0; i < 4; ++i) {
        const auto answer = new_browser().get("/by-setenvif/", {{"Cookie", "ROUTEID=.b"}});
        BOOST_TEST(answer.member == "a");
        BOOST_TEST(answer.set_cookies().empty(), answer);
    }
}

BOOST_AUTO_TEST_SUITE_END()
