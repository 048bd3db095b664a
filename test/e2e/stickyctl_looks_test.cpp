// SPDX-License-Identifier: Apache-2.0
//
// stickyctl shows what is there, by name, as tables, CSV and JSON; who may only look cannot change anything.
// Caught if: a member is found by its URL only; a reader's write has an effect or looks like success; or something that
// the configuration says is not shown.
#include <boost/test/unit_test.hpp>

#include "test/e2e/stickyctl_steps.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(stickyctl_looks_test)

BOOST_FIXTURE_TEST_CASE(members_are_shown_by_name_label_and_url, StickyctlScenario)
{
    start("StickyCookie insert\nStickyMember b label=\"Web server 2\"");
    for (const auto &name :
         {std::string("b"), std::string("app/b"), std::string("Web server 2"), b.url()}) {
        const auto shown = stickyctl({"show", "member", name});
        BOOST_TEST(shown.code == 0, shown.output);
        BOOST_TEST(shown.says(b.url()), name);
        BOOST_TEST(!shown.says(a.url()), name);
    }
    const auto none = stickyctl({"show", "member", "c"});
    BOOST_TEST(none.code == 3);
    BOOST_TEST(none.says("app/a, app/b"));
}

BOOST_FIXTURE_TEST_CASE(each_view_has_what_it_is_for, StickyctlScenario)
{
    start(
        "StickyCookie insert\nStickyOn cookie:JSESSIONID\nStickyTable size=500\nStickyCheck http "
        "uri=/\n"
        "StickyMember a weight=7 maxconn=9 label=One");
    new_browser().get("/");
    const auto status = stickyctl({"status"});
    BOOST_TEST(status.code == 0);
    for (const auto *text : {"app", "One", "ready", "up"})
        BOOST_TEST(status.says(text), status.output);
    const auto config = stickyctl({"show", "config"});
    for (const auto &text :
         {a.url(), b.url(), std::string("JSESSIONID"), std::string("ROUTEID"), std::string("http")})
        BOOST_TEST(config.says(text), config.output);
    BOOST_TEST(stickyctl({"--csv", "show", "config"}).says("app,a," + a.url() + ",a,One,ready,7,"));
    BOOST_TEST(stickyctl({"show", "balancers"}).says("cookie:ROUTEID insert"));
    BOOST_TEST(stickyctl({"show", "balancer", "app"}).says("roundrobin"));
    BOOST_TEST(stickyctl({"--csv", "show", "table"}).says("app,0,"));
    BOOST_TEST(stickyctl({"show", "sessions"}).says("SESSIONS"));
    const auto info = stickyctl({"show", "info"});
    BOOST_TEST(info.says("Apache/2"));
    BOOST_TEST(info.says(std::to_string(httpd.pid())));
}

BOOST_FIXTURE_TEST_CASE(several_commands_on_one_line_as_csv, StickyctlScenario)
{
    start();
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(new_browser().get("/").status == 200);
    const auto both = stickyctl({"--csv", "show info;show stat"});
    BOOST_TEST(both.code == 0);
    BOOST_TEST(both.says("name,value\nversion,"));
    BOOST_TEST(both.says("app,a,up,ready,1,0,0,"));
    BOOST_TEST(both.says("totals.requests,4\n"));
}

BOOST_FIXTURE_TEST_CASE(json_is_what_the_server_says, StickyctlScenario)
{
    start();
    const auto shown = stickyctl({"--json", "show", "members"});
    BOOST_TEST(shown.output.rfind("{\n  \"members\": [", 0) == 0u);
    BOOST_TEST(shown.says("\"route\": \"a\""));
}

BOOST_FIXTURE_TEST_CASE(who_may_only_look_changes_nothing, StickyctlScenario)
{
    start();
    BOOST_TEST(code_of({"--url", url("/look"), "status"}) == 0);
    const auto refused = stickyctl({"--url", url("/look"), "drain", "b"});
    BOOST_TEST(refused.code == 4);
    BOOST_TEST(refused.says("permission denied"));
    BOOST_TEST(code_of({"--url", url("/look"), "lameduck", "1h"}) == 4);
    BOOST_TEST(stickyctl({"--csv", "status"}).says("app,b,,ready,up"));
    new_browser_on("b");
}

BOOST_FIXTURE_TEST_CASE(no_room_and_no_server_are_told_apart_from_success, StickyctlScenario)
{
    start();
    const auto elsewhere = stickyctl({"--url", url("/elsewhere"), "status"});
    BOOST_TEST(elsewhere.code == 6);
    BOOST_TEST(elsewhere.says("location of sticky-status"));
    b.stop();
    BOOST_TEST(code_of({"--url", "http://127.0.0.1:" + std::to_string(b.port()) + "/sticky",
                        "status"}) == 6);
    BOOST_TEST(code_of({"status", "--nonsense"}) == 2);
}

BOOST_FIXTURE_TEST_CASE(where_two_servers_differ_is_told, StickyctlScenario)
{
    start();
    const auto &other = start_other_httpd(
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a retry=1\n"
        "BalancerMember \"{b.url}\" route=b retry=1 loadfactor=3\nStickyCookie insert\n</Proxy>\n"
        "<Location \"/sticky\">\nSetHandler sticky-status\nRequire local\n</Location>\n"
        "ProxyPass \"/\" \"balancer://app/\"\n");
    const auto other_url = "http://127.0.0.1:" + std::to_string(other.port()) + "/sticky";
    const auto found = stickyctl({"--csv", "diff", url(), other_url});
    BOOST_TEST(found.code == 1);
    BOOST_TEST(found.output == "what,a,b\napp/b weight,1,3\n");
    BOOST_TEST(code_of({"weight", "b", "3"}) == 0);
    new_browser().get("/");  // live numbers are no difference
    const auto same = stickyctl({"diff", url(), other_url});
    BOOST_TEST(same.code == 0, same.output);
    BOOST_TEST(same.output == "");
}

BOOST_AUTO_TEST_SUITE_END()
