// SPDX-License-Identifier: Apache-2.0
//
// What the page shows of members, and a location that only reads.
// Caught if: a column is missing, markup in a label becomes markup, or a location that only reads offers an action.
#include <boost/test/unit_test.hpp>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Reading : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");
};

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_test)

BOOST_FIXTURE_TEST_CASE(what_an_appliance_shows_of_a_server, Reading)
{
    start_httpd(room() + app({"a", "b"},
                             "StickyCookie insert\nStickyMember a label=\"Web server 1\" weight=2\n"
                             "StickyCheck http uri=/ interval=200ms rise=1"));
    open_page();
    BOOST_TEST(comes_to_say("a", "check", "passed"));
    BOOST_TEST(comes_to_say("a", "name", "Web server 1"));
    BOOST_TEST(comes_to_say("a", "address", "127.0.0.1:" + std::to_string(a.port())));
    BOOST_TEST(comes_to_say("a", "active", "0"));
    BOOST_TEST(comes_to_say("a", "requested", "ONLINE (2)"));
    BOOST_TEST(comes_to_say("a", "change", "Offline"));
    BOOST_TEST(comes_to_say("a", "actual", "up"));
    BOOST_TEST(page.text(".sum [data-column=actual]") == "2 of 2 take new clients");
}

BOOST_FIXTURE_TEST_CASE(details_say_what_requests_came_by, Reading)
{
    start_httpd(room() + app({"a", "b"}));
    auto client = new_browser_on("b");
    client.get("/");
    open_page();
    BOOST_TEST(page.text(".more").empty());
    page.click(row("b") + " .toggle");
    BOOST_TEST(page.wait_for(
        [this] { return page.text(".more:not([hidden])").find("cookie 1") != std::string::npos; }));
}

BOOST_FIXTURE_TEST_CASE(markup_is_shown_as_the_text_that_it_is, Reading)
{
    const std::string markup = "<img src=x onerror=alert(1)><b>bold</b>&amp;";
    start_httpd(room() +
                app({"a", "b"}, "StickyCookie insert\nStickyMember b \"label=" + markup + "\""));
    open_page();
    BOOST_TEST(comes_to_say("b", "name", markup));
    ask("b", "stopped");
    BOOST_TEST(question().find("Take " + markup + " offline?") != std::string::npos);
    say_yes();
    BOOST_TEST(page.wait_for(
        [this] { return page.text("#changes").find("OFFLINE") != std::string::npos; }));
    BOOST_TEST(page.text("#changes").find(markup) != std::string::npos);
    BOOST_TEST(page.count("main img, dialog img, main b") == 0);
}

BOOST_FIXTURE_TEST_CASE(a_location_that_only_reads_offers_no_action, Reading)
{
    start_httpd(room("sticky-status") + app({"a", "b"}));
    open_page();
    BOOST_TEST(page.wait_for(
        [this] { return page.text("#server").find("only reads") != std::string::npos; }));
    BOOST_TEST(comes_to_say("b", "actual", "up"));
    BOOST_TEST(page.run("return [...document.querySelectorAll('[data-action], #lameduck')]"
                        ".filter((node) => node.checkVisibility()).length") == 0);
    BOOST_TEST(page.count("th[data-column=change]") == 0);
}

BOOST_FIXTURE_TEST_CASE(the_policy_forbids_what_the_page_does_not_need, Reading)
{
    start_httpd(room() + app({"a", "b"}));
    open_page();
    const auto policy = new_browser().get("/lb/").header("Content-Security-Policy");
    BOOST_TEST(policy.find("default-src 'none'") != std::string::npos);
    BOOST_TEST(policy.find("unsafe") == std::string::npos);
    page.run(
        "const s = document.createElement('script'); s.textContent = 'window.ran = true'; "
        "document.body.append(s)");
    BOOST_TEST(page.run("return window.ran === undefined").get<bool>());
    expect_console("Content Security Policy");
}

BOOST_AUTO_TEST_SUITE_END()
