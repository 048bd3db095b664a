// SPDX-License-Identifier: Apache-2.0
//
// The fixture of the page's tests: members, httpd with the page at /lb/, and a Chromium that looks at it. The
// destructor fails the test for every line of the page's console, so for each violation of its security policy,
// that the test did not name, as that of Scenario does for the error log's.
//
// The Chromium is that of the whole run; each test gets the page anew, as it is on a wide and light screen.
#pragma once

#include <string>
#include <vector>

#include "test/page/chromium.hpp"
#include "test/support/scenario.hpp"

namespace stickybalancer::test {

// The handler at /lb, for those who come from this machine.
std::string room(const std::string &handler = "sticky-manager");
// Balancer "app" at /, its members those with these names, which are their routes; `lines` go into its section.
std::string app(const std::vector<std::string> &names,
                const std::string &lines = "StickyCookie insert");

struct PageScenario : Scenario {
    PageScenario();
    ~PageScenario();

    Chromium &page;

    void open_page();  // returns when the members are shown
    void open_page_with_tls();
    void open_page_as(const std::string &login);  // NAME:PASSWORD, in the address
    // A line of the console that this test provokes.
    void expect_console(const std::string &text) { expected_.push_back(text); }

    // A cell of the member's row, as it is shown.
    std::string cell(const std::string &member, const std::string &column);
    bool comes_to_say(const std::string &member, const std::string &column,
                      const std::string &text);

    // Clicks the member's button (ready, drain, stopped, weight, remove) and waits for the question.
    void ask(const std::string &member, const std::string &action);
    void ask_by(const std::string &selector);
    std::string question() { return page.text("dialog"); }
    void fill(const std::string &field, const std::string &text);
    void say_yes();        // and waits until it is done
    void say_yes_badly();  // and waits until it says why not
    void do_to(const std::string &member, const std::string &action);

    Json api(const std::string &path);
    int api_status(const std::string &path);
    Json member(const std::string &name) { return api("balancers/app/members/" + name); }
    Response write(const std::string &method, const std::string &path, const Json &body);

    static std::string row(const std::string &member) { return "[data-member=\"" + member + "\"]"; }
    static std::string button(const std::string &member, const std::string &action)
    {
        return row(member) + " [data-action=\"" + action + "\"]";
    }

private:
    void open(const std::string &url);
    void check_console();

    std::vector<std::string> expected_;
};

}  // namespace stickybalancer::test
