// SPDX-License-Identifier: Apache-2.0
//
// What can be measured of looks: light and dark, a phone's width, contrast, and a name for everything that can be
// pressed or filled in.
// Caught if: a page is blank or in the wrong colours, has to be scrolled sideways, has text that is hard to read, or a
// control that a screen reader cannot tell.
#include <boost/test/unit_test.hpp>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

// How light the picture is on the whole, from 0 to 1, and how many colours it has; read in a page without a policy.
constexpr const char *kLookAt = R"js(
    const done = arguments[arguments.length - 1];
    const image = new Image();
    image.onload = () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, image.width, image.height);
        const colours = new Set();
        let sum = 0;
        for (let i = 0; i < data.length; i += 4) {
            colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
            sum += (data[i] + data[i + 1] + data[i + 2]) / 765;
        }
        done({ light: sum / (data.length / 4), colours: colours.size });
    };
    image.src = "data:image/png;base64," + arguments[0];
)js";

// Texts with less than 4.5 to 1 against what is behind them.
constexpr const char *kPoorContrast = R"js(
    const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const linear = (value) => (value / 255 <= .04045 ? value / 255 / 12.92 : ((value / 255 + .055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
    const is_opaque = (colour) => channels(colour).length === 3 || channels(colour)[3] === 1;
    const ground_of = (node) => {
        for (; node; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor;
            if (is_opaque(colour))
                return channels(colour);
        }
        return null;
    };
    const poor = [];
    let seen = 0;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode.parentElement;
        if (texts.currentNode.data.trim() === "" || !node.checkVisibility() || node.closest("script, noscript"))
            continue;
        const pair = [luminance(channels(getComputedStyle(node).color)), luminance(ground_of(node))].sort((a, b) => b - a);
        const contrast = (pair[0] + .05) / (pair[1] + .05);
        seen += 1;
        if (contrast < 4.5)
            poor.push(`${texts.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
    }
    return { poor, seen };
)js";

// Whether the table is one, or cards; what it needs of the width that it has; cells whose text goes out of them.
constexpr const char *kTable = R"js(
    const frame = document.querySelector(".scroll");
    const shown = [...frame.querySelectorAll("thead th, tbody th, tbody td")].filter((cell) => cell.checkVisibility());
    return {
        is_table: getComputedStyle(frame.firstElementChild).display === "table",
        columns: frame.querySelectorAll("thead th").length,
        needed: frame.scrollWidth, room: frame.clientWidth,
        cut: shown.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
    };
)js";

struct Looks : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    // A member of each kind: well, down, draining.
    Looks()
    {
        start_httpd(room() + app({"a", "b", "c"},
                                 "StickyCookie insert\nStickyMember a label=\"Web server 1\"\n"
                                 "StickyCheck http uri=/ interval=200ms rise=1 fall=1"));
        b.stop();
        open_page();
        BOOST_TEST(comes_to_say("b", "actual", "down"));
        httpd.log().expect("SB2104");
        do_to("c", "drain");
        BOOST_TEST(comes_to_say("c", "requested", "DRAIN"));
    }

    Json picture()
    {
        const auto png = page.screenshot();
        page.hide_page();
        const auto seen = page.run_async(kLookAt, {png});
        page.show_page();
        return seen;
    }
    void expect_readable()
    {
        const auto contrast = page.run(kPoorContrast);
        BOOST_TEST(contrast["seen"].get<int>() > 40);
        for (const auto &text : contrast["poor"])
            BOOST_ERROR("poor contrast: " << text.get<std::string>());
    }
    bool scrolls_sideways()
    {
        return page.run("const p = document.documentElement; return p.scrollWidth > p.clientWidth")
            .get<bool>();
    }
};

// Roles of controls in the accessibility tree.
bool is_control(const std::string &role)
{
    return role == "button" || role == "textbox" || role == "searchbox" || role == "link" ||
           role == "spinbutton" || role == "DisclosureTriangle" || role == "dialog";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(looks_test)

BOOST_FIXTURE_TEST_CASE(light_and_dark_as_the_reader_prefers, Looks)
{
    const auto light = picture();
    BOOST_TEST(light["light"].get<double>() > 0.8);
    BOOST_TEST(light["colours"].get<int>() > 60);
    expect_readable();
    page.prefer_dark(true);
    const auto dark = picture();
    BOOST_TEST(dark["light"].get<double>() < 0.3);
    BOOST_TEST(dark["colours"].get<int>() > 60);
    expect_readable();
}

BOOST_FIXTURE_TEST_CASE(a_phone_needs_no_scrolling_sideways, Looks)
{
    BOOST_TEST(!scrolls_sideways());
    page.resize(360, 780);
    BOOST_TEST(!scrolls_sideways());
    ask("a", "drain");
    BOOST_TEST(!scrolls_sideways());
    page.press(key::kEscape);
    page.resize(320, 600);
    BOOST_TEST(!scrolls_sideways());
    page.resize(1000, 800);
    BOOST_TEST(!scrolls_sideways());
}

// All columns in sight; below that width each member is a card.
BOOST_FIXTURE_TEST_CASE(a_table_fits_into_its_card, Looks)
{
    page.click(button("a", "pin"));
    BOOST_REQUIRE(page.wait_for([this] { return page.count("dialog[open]") == 1; }));
    say_yes();
    for (const int width : {1680, 1440, 1300, 1280, 1100}) {
        page.resize(width, 900);
        const auto seen = page.run(kTable);
        BOOST_TEST(seen["is_table"].get<bool>(), width);
        BOOST_TEST(seen["columns"].get<int>() == 11, width);
        BOOST_TEST(seen["needed"].get<int>() <= seen["room"].get<int>(),
                   width << ": the table needs " << seen["needed"] << " of " << seen["room"]);
        BOOST_TEST(seen["cut"].empty(), width << ": cut off: " << seen["cut"].dump());
    }
    page.resize(1099, 900);
    BOOST_TEST(!page.run(kTable)["is_table"].get<bool>());
}

BOOST_FIXTURE_TEST_CASE(every_control_has_a_name, Looks)
{
    ask("a", "drain");
    page.press(key::kEscape);
    page.click(row("a") + " .toggle");
    int controls = 0;
    const auto tree = page.devtools("Accessibility.getFullAXTree");
    for (const auto &node : tree["nodes"]) {
        if (node.value("ignored", false) || !is_control(node["role"].value("value", "")))
            continue;
        ++controls;
        BOOST_TEST(!node["name"].value("value", "").empty(), node.dump());
    }
    BOOST_TEST(controls > 25);
}

BOOST_FIXTURE_TEST_CASE(a_table_is_one_for_screen_readers_on_any_width, Looks)
{
    for (const int width : {1400, 360}) {
        page.resize(width, 900);
        std::map<std::string, int> roles;
        const auto tree = page.devtools("Accessibility.getFullAXTree");
        for (const auto &node : tree["nodes"])
            if (!node.value("ignored", false))
                ++roles[node["role"].value("value", "")];
        BOOST_TEST(roles["table"] == 1);
        BOOST_TEST(roles["row"] == 5);  // head, sum, members
        BOOST_TEST(roles["columnheader"] >= 10);
        BOOST_TEST(roles["rowheader"] == 4);
    }
}

BOOST_AUTO_TEST_SUITE_END()
