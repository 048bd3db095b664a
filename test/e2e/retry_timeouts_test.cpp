// SPDX-License-Identifier: Apache-2.0
//
// StickyRetry on=timeout: a member that does not answer in time costs one request its timeout=, once.
// Caught if: the client gets an error while another member can answer, waits twice for one member, or 504 is not
// told where timeout is not listed.
#include <boost/test/unit_test.hpp>

#include "test/e2e/retry_steps.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(retry_timeouts_test)

BOOST_FIXTURE_TEST_CASE(another_member_answers, RetryScenario)
{
    start("on=timeout", "timeout=1");
    allow_ended_connections();
    Browser client = client_of_bad();
    bad.hold("/slow");
    check_moved(client.get("/slow"), client, "/slow");
    BOOST_TEST(client.get("/slow").member == "good");
    BOOST_TEST(count(bad, "/slow") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_put_is_repeated_and_a_post_is_not, RetryScenario)
{
    start("on=timeout", "timeout=1");
    allow_ended_connections();
    Browser putter = client_of_bad(), poster = client_of_bad();
    bad.hold("/slow");
    BOOST_TEST(putter.request("PUT", "/slow", "x").member == "good");
    BOOST_TEST(good.last_request().body == "x");
    BOOST_TEST(poster.post("/slow", "x").status >= 502);
    BOOST_TEST(poster.cookie("ROUTEID") == ".bad");
}

BOOST_FIXTURE_TEST_CASE(by_default_it_is_told, RetryScenario)
{
    start("", "timeout=1");
    allow_ended_connections();
    Browser client = client_of_bad();
    bad.hold("/slow");
    BOOST_TEST(client.get("/slow").status >= 502);
    BOOST_TEST(good.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()
