// SPDX-License-Identifier: Apache-2.0
//
// What the server refuses is told as it says it, where the question was asked, and nothing is done.
// Caught if: a change goes over somebody else's, a refusal is lost, or another text is shown than the server's.
#include <boost/test/unit_test.hpp>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Refusals : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");

    Refusals()
    {
        start_httpd(room() + app({"a", "b"}));
        open_page();
    }
    std::string problem() { return page.text("dialog .problem"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(refusals_test)

BOOST_FIXTURE_TEST_CASE(what_somebody_else_changed_meanwhile_is_not_written_over, Refusals)
{
    expect_console("412");
    ask("b", "stopped");
    BOOST_TEST(write("PATCH", "balancers/app/members/b", {{"weight", 7}}).status == 200);
    say_yes_badly();
    BOOST_TEST(problem().find("Somebody else has changed it meanwhile") != std::string::npos);
    BOOST_TEST(member("b")["requested"] == "ready");
    BOOST_TEST(comes_to_say("b", "requested", "ONLINE (7)"));
    page.press(key::kEscape);
    do_to("b", "stopped");
    BOOST_TEST(member("b")["requested"] == "stopped");
}

BOOST_FIXTURE_TEST_CASE(the_servers_own_words, Refusals)
{
    expect_console("422");
    ask("b", "drain");
    fill("deadline", "soon");
    say_yes_badly();
    const auto answer =
        write("PATCH", "balancers/app/members/b", {{"requested", "drain"}, {"deadline", "soon"}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(problem() == Json::parse(answer.body)["error"].get<std::string>());
    BOOST_TEST(member("b")["requested"] == "ready");
    fill("deadline", "1h");
    say_yes();
    BOOST_TEST(member("b")["requested"] == "drain");
}

BOOST_FIXTURE_TEST_CASE(a_member_for_which_there_is_no_room, Refusals)
{
    expect_console("409");
    ask_by("[data-action=add]");
    fill("url", "http://127.0.0.1:9");
    say_yes_badly();
    BOOST_TEST(problem().find("growth") != std::string::npos);
    BOOST_TEST(api("balancers/app")["member_count"] == 2);
}

BOOST_AUTO_TEST_SUITE_END()
