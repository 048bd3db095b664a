// SPDX-License-Identifier: Apache-2.0
//
// Each action of the page, by a click and an answer to its question, as traffic and the API see it.
// Caught if: a button does something else than it says, does it before it was confirmed, or does nothing.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"
#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct TwoMembers : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &handler = "sticky-manager", const HttpdOptions &options = {})
    {
        start_httpd(room(handler) + app({"a", "b"}), options);
    }
    // Who answers a request of the page's own browser.
    std::string member_of_page()
    {
        return page
            .run_async(
                "const told = arguments[arguments.length - 1];"
                "fetch('/who', {cache: 'no-store'}).then((answer) => told(answer.headers.get("
                "'X-Member')))",
                Json::array())
            .get<std::string>();
    }
    bool pin_is_told(const std::string &text)
    {
        return page.wait_for(
            [&] { return page.text("#pin-note").find(text) != std::string::npos; });
    }
    int new_clients_of(const std::string &name)
    {
        auto share = share_of_new_clients(*this, 20);
        return share[name];
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(actions_test)

BOOST_FIXTURE_TEST_CASE(offline_moves_everybody_and_online_brings_it_back, TwoMembers)
{
    start();
    auto client = new_browser_on("b");
    open_page();
    ask("b", "stopped");
    BOOST_TEST(question().find("Take b offline?") != std::string::npos);
    BOOST_TEST(question().find("1 session") != std::string::npos);
    BOOST_TEST(client.get("/").member == "b");  // nothing is done yet
    say_yes();
    const auto answer = client.get("/");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(new_clients_of("b") == 0);
    BOOST_TEST(member("b")["requested"] == "stopped");
    BOOST_TEST(comes_to_say("b", "requested", "OFFLINE (1)"));
    BOOST_TEST(comes_to_say("b", "actual", "gets nobody"));

    do_to("b", "ready");
    BOOST_TEST(comes_to_say("b", "requested", "ONLINE (1)"));
    BOOST_TEST(new_clients_of("b") > 5);
}

BOOST_FIXTURE_TEST_CASE(the_last_member_is_not_taken_without_a_warning, TwoMembers)
{
    start();
    open_page();
    ask("a", "stopped");
    BOOST_TEST(question().find("No other member") == std::string::npos);
    say_yes();
    BOOST_TEST(comes_to_say("a", "requested", "OFFLINE"));
    ask("b", "drain");
    BOOST_TEST(question().find("No other member of app takes new clients") != std::string::npos);
    page.click("dialog [data-action=cancel]");
    BOOST_TEST(member("b")["requested"] == "ready");
}

BOOST_FIXTURE_TEST_CASE(weight_is_a_share_of_new_clients, TwoMembers)
{
    start();
    open_page();
    ask("b", "weight");
    fill("weight", "3");
    say_yes();
    BOOST_TEST(comes_to_say("b", "requested", "ONLINE (3)"));
    BOOST_TEST(member("b")["weight"] == 3);
    BOOST_TEST(new_clients_of("b") >= 14);
}

BOOST_FIXTURE_TEST_CASE(a_member_is_added_and_removed, TwoMembers)
{
    auto c = start_member("c");
    start_httpd(room() + app({"a", "b"}, "StickyCookie insert\nProxySet growth=2"));
    open_page();
    BOOST_TEST(page.count(button("a", "remove") + ":not([hidden])") == 0);  // a configured one
    ask_by("[data-action=add]");
    fill("url", c.url());
    fill("route", "c");
    say_yes();
    BOOST_TEST(comes_to_say("c", "name", "added"));
    BOOST_TEST(new_clients_of("c") > 3);
    do_to("c", "remove");
    BOOST_TEST(page.is_focused(".balancer h2"));
    BOOST_TEST(page.wait_for([&] { return page.count(row("c")) == 0; }));
    BOOST_TEST(new_clients_of("c") == 0);
    BOOST_TEST(api_status("balancers/app/members/c") == 404);
}

BOOST_FIXTURE_TEST_CASE(this_browser_is_pinned_to_a_member, TwoMembers)
{
    start();
    open_page();
    do_to("b", "stopped");
    BOOST_TEST(comes_to_say("b", "requested", "OFFLINE"));
    BOOST_TEST(member_of_page() == "a");
    ask("b", "pin");
    BOOST_TEST(question().find("Pin this browser to b?") != std::string::npos);
    BOOST_TEST(question().find("For how long") != std::string::npos);
    BOOST_TEST(member_of_page() == "a");  // nothing is done yet
    fill("for", "2h");
    say_yes();
    BOOST_TEST(member_of_page() == "b");
    BOOST_TEST(new_clients_of("b") == 0);
    BOOST_TEST(pin_is_told("pinned to b of app until "));
    BOOST_TEST(page.text("#pin-note").find("(in ") != std::string::npos);
    BOOST_TEST(page.wait_for([&] { return page.text(button("b", "pin")) == "Unpin me"; }));
    BOOST_TEST(page.text(button("a", "pin")) == "Pin me");

    open_page();  // it is told there, too
    BOOST_TEST(pin_is_told("pinned to b of app until "));
    ask_by("#unpin");
    say_yes();
    BOOST_TEST(page.count("#pin-note[hidden]") == 1);
    BOOST_TEST(member_of_page() == "a");
    BOOST_TEST(page.wait_for([&] { return page.text(button("b", "pin")) == "Pin me"; }));
}

BOOST_FIXTURE_TEST_CASE(a_pin_is_given_back_at_its_member, TwoMembers)
{
    start();
    open_page();
    expect_console("422");
    ask("b", "pin");
    fill("for", "31d");
    say_yes_badly();
    BOOST_TEST(question().find("30d") != std::string::npos);
    BOOST_TEST(page.count("#pin-note[hidden]") == 1);
    fill("for", "15min");
    say_yes();
    BOOST_TEST(member_of_page() == "b");
    ask("a", "pin");
    BOOST_TEST(question().find("The pin to b of app ends with it") != std::string::npos);
    say_yes();
    BOOST_TEST(pin_is_told("pinned to a of app until "));
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(member_of_page() == "a");
    ask("a", "pin");
    BOOST_TEST(question().find("Unpin this browser?") != std::string::npos);
    say_yes();
    BOOST_TEST(page.count("#pin-note[hidden]") == 1);
    BOOST_TEST(page.run("return document.cookie").get<std::string>() == "");
}

BOOST_FIXTURE_TEST_CASE(a_lame_duck_serves_on_and_monitors_are_told, TwoMembers)
{
    start();
    open_page();
    BOOST_TEST(new_browser().get("/lb/health").status == 200);
    ask_by("#lameduck");
    fill("lameduck", "5min");
    say_yes();
    BOOST_TEST(new_browser().get("/lb/health").status == 503);
    BOOST_TEST(new_browser().get("/").status == 200);
    BOOST_TEST(page.wait_for(
        [&] { return page.text("#lameduck-note").find("Traffic goes on") != std::string::npos; }));
    ask_by("#lameduck");
    say_yes();
    BOOST_TEST(new_browser().get("/lb/health").status == 200);
    BOOST_TEST(page.wait_for([&] { return page.count("#lameduck-note[hidden]") == 1; }));
}

BOOST_FIXTURE_TEST_CASE(the_same_page_over_tls, TwoMembers)
{
    HttpdOptions options;
    options.tls = true;
    start("sticky-manager", options);
    open_page_with_tls();
    do_to("b", "stopped");
    BOOST_TEST(comes_to_say("b", "requested", "OFFLINE"));
    BOOST_TEST(new_clients_of("b") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
