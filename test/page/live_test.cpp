// SPDX-License-Identifier: Apache-2.0
//
// Figures without reloading: what changes is shown, a server that is away is said to be, and nobody is asked for
// a page that nobody sees.
// Caught if: figures stand still, the page keeps on saying "Live" without a server, or does not come back.
#include <boost/test/unit_test.hpp>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;
using std::chrono::seconds;

namespace {

// Counts what changes in whatever is read out by itself.
constexpr const char *kListen = R"js(
    window.told = 0;
    const ears = new MutationObserver((changes) => { window.told += changes.length; });
    for (const node of document.querySelectorAll("[aria-live], [role=status], [role=log], [role=alert]"))
        ears.observe(node, { childList: true, characterData: true, subtree: true });
)js";

struct Live : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");

    bool says_of_life(const std::string &text)
    {
        return page.wait_for([&] { return page.text("#live").find(text) != std::string::npos; },
                             seconds(30));
    }
    // As if another tab were in front: for one that really is behind, Chromium stops the page's timers anyway.
    void set_hidden(bool is_hidden)
    {
        page.run(
            "Object.defineProperty(document, 'hidden', { configurable: true, value: arguments[0] "
            "});"
            "document.dispatchEvent(new Event('visibilitychange'))",
            Json::array({is_hidden}));
    }
    std::size_t asked()
    {
        std::size_t count = 0;
        for (const auto &line : httpd.access_log().lines())
            count += line.at("uri").find("/lb/api/v1/balancers") == 0 ? 1 : 0;
        return count;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_test)

BOOST_FIXTURE_TEST_CASE(why_a_member_is_down_and_that_it_is_back, Live)
{
    start_httpd(room() +
                app({"a", "b"},
                    "StickyCookie insert\nStickyCheck http uri=/ interval=200ms rise=1 fall=2"));
    open_page();
    BOOST_TEST(comes_to_say("b", "check", "passed"));
    BOOST_TEST(comes_to_say("b", "actual", "up"));
    b.stop();
    BOOST_TEST(comes_to_say("b", "actual", "down"));
    httpd.log().expect("SB2104");
    BOOST_TEST(comes_to_say("b", "actual", "its check fails: Connection refused"));
    BOOST_TEST(comes_to_say("b", "actual", "since"));
    BOOST_TEST(comes_to_say("b", "check", "failed"));
    BOOST_TEST(cell("b", "requested").find("ONLINE (1)") != std::string::npos);
    BOOST_TEST(page.text("#changes").find("b of app is ONLINE (1) and down: its check fails") !=
               std::string::npos);
    b.start_again();
    BOOST_TEST(comes_to_say("b", "actual", "up"));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_is_away_is_said_to_be_and_found_again, Live)
{
    start_httpd(room() + app({"a", "b"}));
    expect_console("ERR_CONNECTION_REFUSED");
    expect_console("ERR_CONNECTION_RESET");
    expect_console("ERR_EMPTY_RESPONSE");
    open_page();
    BOOST_TEST(says_of_life("Live"));
    httpd.stop();
    BOOST_TEST(says_of_life("The server does not answer; last seen"));
    httpd.start_again();
    BOOST_TEST(says_of_life("Live"));
    do_to("b", "stopped");
    BOOST_TEST(comes_to_say("b", "requested", "OFFLINE"));
}

BOOST_FIXTURE_TEST_CASE(each_members_share_is_plotted, Live)
{
    start_httpd(room() + app({"a", "b"}));
    open_page();
    auto client = new_browser_on("b");
    const auto line = row("b") + " [data-column=share] path.line";
    BOOST_TEST(page.wait_for([&] {
        client.get("/");
        const auto path =
            page.run("return document.querySelector(arguments[0]).getAttribute('d')", {line});
        return cell("b", "share") == "100 %" &&
               path.get<std::string>().find('L') != std::string::npos;
    }));
}

BOOST_FIXTURE_TEST_CASE(a_page_that_nobody_sees_asks_nothing, Live)
{
    start_httpd(room() + app({"a", "b"}));
    open_page();
    BOOST_TEST(page.wait_for([this] { return asked() >= 3; }));
    set_hidden(true);
    std::size_t before = asked();
    // One that was under way; after that none, for a time in which there would have been four.
    wait_until(within(seconds(1)), [&] { return asked() > before; });
    before = asked();
    BOOST_TEST(!wait_until(within(seconds(4)), [&] { return asked() > before; }));
    set_hidden(false);
    BOOST_TEST(page.wait_for([&] { return asked() > before; }));
}

// Only what changed is told; figures are not.
BOOST_FIXTURE_TEST_CASE(figures_change_in_silence_for_those_who_listen, Live)
{
    start_httpd(room() + app({"a", "b"}));
    open_page();
    BOOST_TEST(says_of_life("Live"));
    page.run(kListen);
    auto client = new_browser_on("b");
    for (int i = 0; i < 5; ++i)
        client.get("/");
    BOOST_TEST(comes_to_say("b", "sessions", "1"));
    const auto before = asked();
    BOOST_TEST(page.wait_for([&] { return asked() >= before + 3; }));
    BOOST_TEST(page.run("return window.told") == 0);
    BOOST_TEST(write("PATCH", "balancers/app/members/b", {{"weight", 2}}).status == 200);
    BOOST_TEST(page.wait_for([&] { return page.run("return window.told") > 0; }));
}

BOOST_AUTO_TEST_SUITE_END()
