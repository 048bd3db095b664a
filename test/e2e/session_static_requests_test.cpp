// SPDX-License-Identifier: Apache-2.0
//
// Requests without a session (images, style sheets) are nobody's: they get no cookie, are spread, and leave
// nothing in the table.
// Caught if: one of them is kept, or learned, or given a cookie, or counts as a session.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(session_static_requests_test)

BOOST_FIXTURE_TEST_CASE(they_are_spread, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    Share share;
    for (int i = 0; i < 12; ++i) {
        const auto answer = new_browser().get("/img.png");
        BOOST_TEST(answer.set_cookies().empty());
        ++share[answer.member];
    }
    BOOST_TEST((share == Share{{"a", 4}, {"b", 4}, {"c", 4}}));
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_FIXTURE_TEST_CASE(they_are_no_sessions_of_a_member_that_has_a_limit, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID learn=response\nStickyMember * maxsessions=2");
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(new_browser().get("/img.png").status == 200);
    for (int i = 0; i < 6; ++i)
        log_in();
    BOOST_TEST(new_browser().get("/img.png").status == 503);
    httpd.log().expect("SB4005");
}

BOOST_FIXTURE_TEST_CASE(those_of_a_client_with_a_session_go_with_it, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    const auto id = log_in();
    BOOST_TEST(is_kept(cookie(id), member_of(id), "/img.png"));
}

BOOST_AUTO_TEST_SUITE_END()
