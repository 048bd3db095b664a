// SPDX-License-Identifier: Apache-2.0
//
// A table has room for so many sessions. When it is full, one that is nearest to its expiry makes room, or
// the new one is refused; and that is said in the log and on mod_status' page.
// Caught if: room is lost, a session in use is forgotten for one that is not, a refused one is learned, or
// the log says nothing, or again and again.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Limits : SessionScenario {
    Headers user(int number) const { return {{"X-User", std::to_string(number)}}; }

    // Each a request of its own.
    void learn(int first, int last)
    {
        Browser client = new_browser();
        for (int i = first; i <= last; ++i)
            BOOST_REQUIRE(client.get("/", user(i)).status == 200);
    }
    // How many of these are not in the table; looks them up, and learns none.
    int unknown(int first, int last)
    {
        Browser client = new_browser();
        int count = 0;
        for (int i = first; i <= last; ++i)
            count += client.get("/lookup", user(i)).header("X-Cause") == "policy";
        return count;
    }
};

const std::string kMore = "Header always set X-Cause \"%{STICKY_CAUSE}e\"\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(session_limits_test)

BOOST_FIXTURE_TEST_CASE(the_30721st_session_evicts_one_of_30720, Limits)
{
    start("StickyOn header:X-User learn=request\nStickyTable size=30k expire=60m", kMore);
    BOOST_TEST(count("Sessions.room") == 30720);
    learn(1, 30720);
    const int early = count("Sessions.evicted");
    BOOST_TEST(count("Sessions") + early == 30720);
    BOOST_TEST_MESSAGE(early << " were evicted before it was full");
    learn(30721, 30721);
    BOOST_TEST(count("Sessions") <= 30720);
    BOOST_TEST(count("Sessions.learned") == 30721);
    BOOST_TEST(count("Sessions") + count("Sessions.evicted") == 30721);
    BOOST_TEST(new_browser().get("/", user(30721)).header("X-Cause") == "table");
    httpd.log().expect("SB3101");
}

BOOST_FIXTURE_TEST_CASE(refuse_learns_no_new_ones_and_forgets_none, Limits)
{
    start("StickyOn header:X-User learn=request\nStickyTable size=64 full=refuse", kMore);
    learn(1, 200);
    const int known = count("Sessions");
    BOOST_TEST(known <= 64);
    BOOST_TEST(known >= 32);
    BOOST_TEST(count("Sessions.evicted") == 0);
    BOOST_TEST(count("Sessions.refused") == 200 - known);
    BOOST_TEST(new_browser().get("/", user(1)).header("X-Cause") == "table");
    httpd.log().expect("SB3102");
    BOOST_TEST(unknown(1, 200) == 200 - known);
    BOOST_TEST(count("Sessions") == known);
    BOOST_TEST(httpd.log().count("SB3102") <= 2);  // a minute may have begun meanwhile
}

BOOST_FIXTURE_TEST_CASE(sessions_in_use_outlive_those_that_are_not, Limits)
{
    start("StickyOn header:X-User learn=request\nStickyTable size=64 expire=3s", kMore);
    httpd.log().allow("SB3101");
    learn(1, 8);
    // As long as it takes until the clock of the table has gone on for them.
    const auto first = new_browser().get("/", user(1)).member;
    for (int i = 100; i < 200; ++i) {
        learn(i, i);
        BOOST_TEST(new_browser().get("/", user(1)).member == first);
    }
}

BOOST_FIXTURE_TEST_CASE(a_session_that_nobody_uses_expires, Limits)
{
    start("StickyOn header:X-User learn=request\nStickyTable size=64 expire=2s", kMore);
    learn(1, 5);
    BOOST_TEST(count("Sessions") == 5);
    BOOST_TEST(wait_until_shown(*this, "Sessions", "0"));
    BOOST_TEST(count("Sessions.expired") == 5);
    BOOST_TEST(new_browser().get("/", user(1)).header("X-Cause") == "policy");
}

BOOST_AUTO_TEST_SUITE_END()
