// SPDX-License-Identifier: Apache-2.0
//
// What came of an action: said with its time, and not for longer than it is news.
// Caught if: it stays as if it had just happened, is gone before it was read out, or an error goes by itself.
#include <boost/test/unit_test.hpp>
#include <regex>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

// What would be called half a minute from now, or later, is kept, to be called when a test says so.
constexpr const char *kKeepLateOnes = R"js(
    const set = window.setTimeout, clear = window.clearTimeout;
    window.late = new Map();
    window.setTimeout = (call, delay, ...rest) => {
        const id = set(call, delay, ...rest);
        if (delay >= 30000)
            window.late.set(id, call);
        return id;
    };
    window.clearTimeout = (id) => { window.late.delete(id); clear(id); };
)js";
constexpr const char *kCallLateOnes = R"js(
    const calls = [...window.late.values()];
    window.late.clear();
    calls.forEach((call) => call());
    return calls.length;
)js";

struct Messages : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");
    std::string script = page.devtools("Page.addScriptToEvaluateOnNewDocument",
                                       {{"source", kKeepLateOnes}})["identifier"];

    Messages()
    {
        start_httpd(room() + app({"a", "b"}));
        open_page();
    }
    ~Messages()
    {
        page.devtools("Page.removeScriptToEvaluateOnNewDocument", {{"identifier", script}});
    }
    std::string message() { return page.text("#message"); }
    bool is_told(const std::string &text)
    {
        return page.wait_for([&] { return message().find(text) != std::string::npos; });
    }
    int wait_long() { return page.run(kCallLateOnes).get<int>(); }
    void set_hidden(bool is_hidden)
    {
        page.run(
            "Object.defineProperty(document, 'hidden', { configurable: true, value: arguments[0] "
            "})",
            Json::array({is_hidden}));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(messages_test)

BOOST_FIXTURE_TEST_CASE(what_was_done_is_said_with_its_time_and_goes, Messages)
{
    do_to("b", "drain");
    BOOST_TEST(is_told("b is draining."));
    const std::regex form("\\d\\d:\\d\\d:\\d\\d b is draining\\.");
    BOOST_TEST(std::regex_match(message(), form), message());
    set_hidden(true);
    BOOST_TEST(wait_long() == 1);
    BOOST_TEST(is_told("b is draining."));  // nobody has seen it
    set_hidden(false);
    BOOST_TEST(wait_long() == 1);
    BOOST_TEST(message() == "");
}

BOOST_FIXTURE_TEST_CASE(the_next_action_ends_it, Messages)
{
    do_to("b", "drain");
    BOOST_TEST(is_told("b is draining."));
    ask("b", "ready");
    BOOST_TEST(message() == "");
    say_yes();
    BOOST_TEST(is_told("b is online."));
    page.type("#session-key", "nobody");
    page.press(key::kEnter);
    BOOST_TEST(page.wait_for([this] { return !page.text("#sessions-found").empty(); }));
    BOOST_TEST(message() == "");
    BOOST_TEST(wait_long() == 0);
}

BOOST_FIXTURE_TEST_CASE(what_went_wrong_stays_until_the_next_action, Messages)
{
    expect_console("ERR_");
    httpd.stop();
    page.click(button("b", "drain"));
    BOOST_TEST(is_told("The server does not answer."));
    BOOST_TEST(wait_long() == 0);
    BOOST_TEST(is_told("The server does not answer."));
    httpd.start_again();
    ask("b", "drain");
    BOOST_TEST(message() == "");
}

BOOST_AUTO_TEST_SUITE_END()
