// SPDX-License-Identifier: Apache-2.0
#include "test/page/page_scenario.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>

namespace stickybalancer::test {
namespace {

// Begins when the first test wants it, and ends with the run.
struct TheChromium {
    static std::unique_ptr<Chromium> instance;
    ~TheChromium() { instance.reset(); }
};
std::unique_ptr<Chromium> TheChromium::instance;

Chromium &the_chromium()
{
    if (!TheChromium::instance)
        TheChromium::instance = std::make_unique<Chromium>();
    return *TheChromium::instance;
}

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(TheChromium);

std::string room(const std::string &handler)
{
    return "<Location \"/lb\">\nSetHandler " + handler + "\nRequire local\n</Location>\n";
}

std::string app(const std::vector<std::string> &names, const std::string &lines)
{
    std::string text = "<Proxy \"balancer://app\">\n";
    for (const auto &name : names)
        text += "BalancerMember \"{" + name + ".url}\" route=" + name + " retry=1\n";
    return text + lines +
           "\n</Proxy>\nProxyPass \"/lb\" \"!\"\nProxyPass \"/\" \"balancer://app/\"\n";
}

PageScenario::PageScenario() : page(the_chromium())
{
    page.resize(1400, 1000);
    page.prefer_dark(false);
    page.devtools("Network.clearBrowserCookies");  // they know no ports
}

PageScenario::~PageScenario()
{
    try {
        check_console();
        if (httpd.is_running())
            httpd.stop();  // else it would be waited for the connections that Chromium keeps
    } catch (const std::exception &error) {
        BOOST_ERROR(error.what());
    }
}

void PageScenario::check_console()
{
    page.open("about:blank");  // no more of them
    for (const auto &line : page.console()) {
        const bool is_expected = std::any_of(
            expected_.begin(), expected_.end(),
            [&](const std::string &text) { return line.find(text) != std::string::npos; });
        if (!is_expected)
            BOOST_ERROR("unexpected in the page's console: " + line);
    }
}

void PageScenario::open(const std::string &url)
{
    page.console();  // what was said of what was open before
    page.open(url);
    BOOST_REQUIRE(page.wait_for([this] { return page.count("[data-member]") > 0; }));
}

void PageScenario::open_page()
{
    open("http://127.0.0.1:" + std::to_string(httpd.port()) + "/lb/");
}

void PageScenario::open_page_as(const std::string &login)
{
    open("http://" + login + "@127.0.0.1:" + std::to_string(httpd.port()) + "/lb/");
}

void PageScenario::open_page_with_tls()
{
    open("https://127.0.0.1:" + std::to_string(httpd.tls_port()) + "/lb/");
}

std::string PageScenario::cell(const std::string &member, const std::string &column)
{
    return page.text(row(member) + " [data-column=\"" + column + "\"]");
}

bool PageScenario::comes_to_say(const std::string &member, const std::string &column,
                                const std::string &text)
{
    std::string last;
    const bool does = page.wait_for([&] {
        last = cell(member, column);
        return last.find(text) != std::string::npos;
    });
    if (!does)
        BOOST_TEST_MESSAGE(member << ", " << column << " says: " << last);
    return does;
}

void PageScenario::ask_by(const std::string &selector)
{
    page.click(selector);
    BOOST_REQUIRE(page.wait_for([this] { return page.count("dialog[open]") == 1; }));
}

void PageScenario::ask(const std::string &member, const std::string &action)
{
    ask_by(button(member, action));
}

void PageScenario::fill(const std::string &field, const std::string &text)
{
    page.type("dialog input[name=\"" + field + "\"]", text);
}

void PageScenario::say_yes()
{
    page.click("dialog button[type=submit]");
    const bool is_closed = page.wait_for([this] { return page.count("dialog") == 0; });
    BOOST_TEST(is_closed, "the dialog says: " << (is_closed ? "" : question()));
}

void PageScenario::say_yes_badly()
{
    page.click("dialog button[type=submit]");
    BOOST_TEST(page.wait_for([this] { return !page.text("dialog .problem").empty(); }));
}

void PageScenario::do_to(const std::string &member, const std::string &action)
{
    ask(member, action);
    say_yes();
}

Json PageScenario::api(const std::string &path)
{
    return Json::parse(new_browser().get("/lb/api/v1/" + path).body);
}

int PageScenario::api_status(const std::string &path)
{
    return new_browser().get("/lb/api/v1/" + path).status;
}

Response PageScenario::write(const std::string &method, const std::string &path, const Json &body)
{
    return new_browser().request(method, "/lb/api/v1/" + path, body.dump(),
                                 {{"Content-Type", "application/json"}});
}

}  // namespace stickybalancer::test
