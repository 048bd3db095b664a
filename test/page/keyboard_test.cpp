// SPDX-License-Identifier: Apache-2.0
//
// The page by keys alone.
// Caught if: a button cannot be reached, a question lets the focus out or loses it afterwards, Escape does not close it,
// or nobody sees where the focus is.
#include <boost/test/unit_test.hpp>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

// Numbers everything that a person can use, and answers how many there are.
constexpr const char *kNumberControls = R"js(
    const is_stop = (node) => node.checkVisibility() && !node.disabled && node.tabIndex >= 0;
    const stops = [...document.querySelectorAll("a[href], button, input, summary, [tabindex]")].filter(is_stop);
    stops.forEach((node, i) => { node.dataset.stop = i; });
    return stops.length;
)js";

struct Keyboard : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");
    const std::string drain = button("b", "drain");

    Keyboard()
    {
        start_httpd(room() + app({"a", "b"}));
        open_page();
    }
    bool tab_to(const std::string &selector)
    {
        for (int i = 0; i < 80 && !page.is_focused(selector); ++i)
            page.press(key::kTab);
        return page.is_focused(selector);
    }
    bool is_asked()
    {
        return page.wait_for([this] { return page.count("dialog[open]") == 1; });
    }
    bool is_closed()
    {
        return page.wait_for([this] { return page.count("dialog") == 0; });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(keyboard_test)

BOOST_FIXTURE_TEST_CASE(a_drain_by_keys_alone, Keyboard)
{
    BOOST_REQUIRE(tab_to(drain));
    page.press(key::kEnter);
    BOOST_REQUIRE(is_asked());
    BOOST_TEST(page.is_focused("dialog input[name=deadline]"));
    page.press(key::kEnter);
    BOOST_REQUIRE(is_closed());
    BOOST_TEST(page.is_focused(drain));
    BOOST_TEST(comes_to_say("b", "requested", "DRAIN"));
    BOOST_TEST(page.is_focused(drain));  // figures that change leave it there
    BOOST_TEST(member("b")["requested"] == "drain");
}

BOOST_FIXTURE_TEST_CASE(escape_closes_and_changes_nothing, Keyboard)
{
    BOOST_REQUIRE(tab_to(drain));
    page.press(key::kEnter);
    BOOST_REQUIRE(is_asked());
    page.press(key::kEscape);
    BOOST_TEST(is_closed());
    BOOST_TEST(page.is_focused(drain));
    BOOST_TEST(member("b")["requested"] == "ready");
}

BOOST_FIXTURE_TEST_CASE(a_question_keeps_the_focus, Keyboard)
{
    BOOST_REQUIRE(tab_to(drain));
    page.press(key::kEnter);
    BOOST_REQUIRE(is_asked());
    for (int i = 0; i < 7; ++i) {
        page.press(key::kTab);
        BOOST_TEST(page.is_focused("dialog *"));
    }
    for (int i = 0; i < 7; ++i) {
        page.press(key::kTab, true);
        BOOST_TEST(page.is_focused("dialog *"));
    }
}

// What can be used is what Tab comes to, from the first to the last, as they stand in the page.
BOOST_FIXTURE_TEST_CASE(every_control_is_come_to_in_the_order_of_the_page, Keyboard)
{
    const int count = page.run(kNumberControls).get<int>();
    BOOST_TEST(count > 30);
    for (int i = 0; i < count; ++i) {
        page.press(key::kTab);
        BOOST_TEST(page.is_focused("[data-stop=\"" + std::to_string(i) + "\"]"), i);
    }
}

BOOST_FIXTURE_TEST_CASE(the_focus_stays_near_when_what_was_pressed_is_gone, Keyboard)
{
    BOOST_REQUIRE(tab_to(button("b", "pin")));
    page.press(key::kEnter);
    BOOST_REQUIRE(is_asked());
    page.press(key::kEnter);
    BOOST_REQUIRE(is_closed());
    BOOST_TEST(page.is_focused(button("b", "pin")));
    open_page();
    BOOST_REQUIRE(tab_to("#unpin"));
    page.press(key::kEnter);
    BOOST_REQUIRE(is_asked());
    page.press(key::kEnter);
    BOOST_REQUIRE(is_closed());
    BOOST_TEST(page.wait_for([this] { return page.is_focused("#message"); }));
}

BOOST_FIXTURE_TEST_CASE(the_focus_can_be_seen, Keyboard)
{
    const std::string style =
        "const s = getComputedStyle(document.activeElement);"
        "return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2";
    for (const auto &selector : {drain, std::string("input[type=search]"), std::string("summary"),
                                 std::string("#session-key"), std::string("footer a")}) {
        BOOST_REQUIRE(tab_to(selector));
        BOOST_TEST(page.run(style).get<bool>(), selector);
    }
}

BOOST_AUTO_TEST_SUITE_END()
