// SPDX-License-Identifier: Apache-2.0
//
// One session by its key: found, and forgotten.
// Caught if: another session is shown or forgotten, a key of odd characters is not found, or it is still there.
#include <boost/test/unit_test.hpp>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct SessionsOfTheTable : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");

    SessionsOfTheTable()
    {
        start_httpd(room() + app({"a", "b"}, "StickyOn cookie:SID"));
        open_page();
    }
    std::string log_in(const std::string &id)
    {
        return new_browser().get("/", {{"Cookie", "SID=" + id}}).member;
    }
    bool is_found(const std::string &key, const std::string &text)
    {
        page.type("#session-key", key);
        page.press(key::kEnter);
        return page.wait_for(
            [&] { return page.text("#sessions-found").find(text) != std::string::npos; });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sessions_test)

BOOST_FIXTURE_TEST_CASE(a_session_is_found_and_forgotten, SessionsOfTheTable)
{
    expect_console("404");
    const std::string id = "a+b%2F&c=<i>1</i>";
    const auto member = log_in(id);
    log_in("other");
    BOOST_TEST(is_found("nobody", "no session with this key"));
    BOOST_TEST(is_found(id, "cookie:SID"));
    BOOST_TEST(page.text("#sessions-found [data-label=Member]") == member);
    ask_by("[data-action=forget]");
    say_yes();
    BOOST_TEST(is_found(id, "no session with this key"));
    BOOST_TEST(is_found("other", "cookie:SID"));
}

BOOST_AUTO_TEST_SUITE_END()
