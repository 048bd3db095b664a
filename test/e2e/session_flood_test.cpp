// SPDX-License-Identifier: Apache-2.0
//
// Clients that invent session ids fill the table; sessions that the application has named stay in it.
// Caught if: a flood of invented ids costs a client its session.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

void flood(SessionScenario &scenario, const std::string &prefix, int count)
{
    Browser client = scenario.new_browser();
    for (int i = 0; i < count; ++i)
        BOOST_REQUIRE(client.get("/", cookie(prefix + std::to_string(i))).status == 200);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_flood_test)

BOOST_FIXTURE_TEST_CASE(sessions_of_the_application_stay, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID\nStickyTable size=64");
    httpd.log().allow("SB3101");
    httpd.log().allow("SB3102");
    std::vector<std::string> ids;
    for (int i = 0; i < 16; ++i)
        ids.push_back(log_in());
    flood(*this, "invented-", 2000);
    for (const auto &id : ids)
        BOOST_TEST(new_browser().get("/", cookie(id)).member == member_of(id), id);
    BOOST_TEST(count("Sessions") <= 64);
}

// learn=response: nothing of it gets in at all.
BOOST_FIXTURE_TEST_CASE(where_only_answers_are_learned_they_leave_no_trace, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID learn=response\nStickyTable size=64");
    const auto id = log_in();
    flood(*this, "invented-", 500);
    BOOST_TEST(count("Sessions") == 1);
    BOOST_TEST(is_kept(cookie(id), member_of(id)));
}

BOOST_AUTO_TEST_SUITE_END()
