// SPDX-License-Identifier: Apache-2.0
//
// A drain from the page: who stays, who is left, until when, and what happens at its deadline.
// Caught if: bound clients are moved before, new ones still come, or the page does not tell when it is safe to go on.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"
#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Draining : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");
};

}  // namespace

BOOST_AUTO_TEST_SUITE(drain_test)

BOOST_FIXTURE_TEST_CASE(its_clients_stay_new_ones_go_elsewhere_and_the_page_counts, Draining)
{
    start_httpd(room() + app({"a", "b"}, "StickyOn cookie:SID"));
    const Headers session = {{"Cookie", "SID=one"}};
    std::string home = new_browser().get("/", session).member;
    open_page();
    ask(home, "drain");
    BOOST_TEST(question().find("1 session") != std::string::npos);
    say_yes();
    BOOST_TEST(comes_to_say(home, "requested", "DRAIN (1)"));
    BOOST_TEST(comes_to_say(home, "requested", "1 session left"));
    BOOST_TEST(comes_to_say(home, "requested", "the last can expire in"));
    BOOST_TEST(new_browser().get("/", session).member == home);
    BOOST_TEST(share_of_new_clients(*this, 10)[home] == 0);

    BOOST_TEST(
        new_browser().request("DELETE", "/lb/api/v1/balancers/app/sessions?key=one").status == 204);
    BOOST_TEST(comes_to_say(home, "requested", "Drained: no session is left"));
}

BOOST_FIXTURE_TEST_CASE(at_its_deadline_the_page_says_that_clients_are_moved, Draining)
{
    start_httpd(room() + app({"a", "b"}));
    auto client = new_browser_on("b");
    open_page();
    ask("b", "drain");
    fill("deadline", "2s");
    say_yes();
    BOOST_TEST(comes_to_say("b", "requested", "deadline in"));
    BOOST_TEST(comes_to_say("b", "requested", "deadline passed"));
    BOOST_TEST(client.get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_request_under_way_is_shown, Draining)
{
    start_httpd(room() + app({"a", "b"}));
    auto client = new_browser_on("b");
    b.hold("/slow");
    open_page();
    {
        auto pending = client.start_get("/slow");
        BOOST_REQUIRE(b.wait_held("/slow", 1));
        do_to("b", "drain");
        BOOST_TEST(comes_to_say("b", "active", "1"));
        BOOST_TEST(comes_to_say("b", "requested", "1 request under way"));
        BOOST_TEST(page.text(".sum [data-column=active]") == "1");
        b.release("/slow");
        BOOST_TEST(pending.wait().status == 200);
    }
    BOOST_TEST(comes_to_say("b", "active", "0"));
}

BOOST_AUTO_TEST_SUITE_END()
