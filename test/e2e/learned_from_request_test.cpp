// SPDX-License-Identifier: Apache-2.0
//
// learn=request, and both: a session that the client brings is balanced once, and then stays.
// Caught if: it moves, learn=none learns, a condition is not kept, or a member that did not answer keeps it.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(learned_from_request_test)

BOOST_FIXTURE_TEST_CASE(an_unknown_session_is_balanced_then_fixed, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    std::set<std::string> seen;
    for (int i = 0; i < 6; ++i) {
        const auto id = "theirs-" + std::to_string(i);
        const auto member = new_browser().get("/first-" + id, cookie(id)).member;
        BOOST_TEST(logged(httpd, "/first-" + id).at("cause") == "policy");
        BOOST_TEST(is_kept(cookie(id), member));
        seen.insert(member);
    }
    BOOST_TEST(seen.size() == 3u);
    BOOST_TEST(count("Sessions.learned") == 6);
}

BOOST_FIXTURE_TEST_CASE(learn_none_learns_nothing, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID learn=none");
    BOOST_TEST(is_spread(served(cookie(log_in()))));
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_FIXTURE_TEST_CASE(learn_request_does_not_learn_what_the_answer_sets, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID learn=request");
    const auto id = log_in();
    BOOST_TEST(count("Sessions") == 0);
    const auto member = new_browser().get("/", cookie(id)).member;
    BOOST_TEST(is_kept(cookie(id), member));
}

BOOST_FIXTURE_TEST_CASE(a_condition_says_which_requests_count, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID \"if=%{REQUEST_URI} =~ m#^/app/#\"");
    BOOST_TEST(is_spread(served(cookie("x"), 6, "/img/logo.png")));
    BOOST_TEST(count("Sessions") == 0);
    const auto member = new_browser().get("/app/", cookie("x")).member;
    BOOST_TEST(is_kept(cookie("x"), member, "/app/page"));
    BOOST_TEST(is_spread(served(cookie("x"), 6, "/img/logo.png")));
}

BOOST_FIXTURE_TEST_CASE(what_the_condition_keeps_out_is_not_learned_from_answers, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID \"if=%{REQUEST_URI} != '/login'\"");
    log_in();
    BOOST_TEST(count("Sessions") == 0);
}

// A logout is no reason to remember.
BOOST_FIXTURE_TEST_CASE(an_answer_that_deletes_the_cookie_learns_nothing_from_the_request,
                        SessionScenario)
{
    for (auto &each : members)
        each.on("/logout", Answer{.headers = {{"Set-Cookie", "JSESSIONID=; Max-Age=0"}}});
    start("StickyOn cookie:JSESSIONID");
    BOOST_TEST(is_spread(served(cookie("x"), 6, "/logout")));
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_FIXTURE_TEST_CASE(a_new_id_in_the_answer_goes_before_the_one_in_the_request, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    const auto answer = new_browser().get("/login", cookie("before"));
    BOOST_TEST(count("Sessions") == 2);
    BOOST_TEST(is_kept(cookie("before"), answer.member));
    BOOST_TEST(is_kept(cookie("1-of-" + answer.member), answer.member));
}

// The first that has a value counts; quotes do not.
BOOST_FIXTURE_TEST_CASE(of_several_cookies_the_first_counts, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    const auto id = log_in();
    const auto raw = [](const std::string &line) { return Headers{{"Cookie", line}}; };
    BOOST_TEST(is_kept(raw("JSESSIONID=" + id + "; JSESSIONID=other"), member_of(id)));
    BOOST_TEST(is_kept(raw("a=b; JSESSIONID=; JSESSIONID=\"" + id + "\""), member_of(id)));
    BOOST_TEST(is_spread(served(raw("xJSESSIONID=" + id))));
}

BOOST_AUTO_TEST_SUITE_END()
