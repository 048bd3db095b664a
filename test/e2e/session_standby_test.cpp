// SPDX-License-Identifier: Apache-2.0
//
// Sessions and standbys: nolearn, failback, and members that are full of sessions.
// Caught if: a standby with nolearn keeps a session, a session does not go home when it should, or goes
// when it should not, or a full member sends one of its own away.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"
#include "test/e2e/standby_members.hpp"

using namespace stickybalancer::test;

namespace {

struct Standby : StandbyScenario {
    void start(const std::string &options)
    {
        start_with(options, "StickyOn cookie:SID", kServerStatus);
    }
    std::string served_by(const std::string &id)
    {
        return new_browser().get("/", cookie(id, "SID")).member;
    }
    // A session of `a` that the standby serves now.
    void move_to_standby(const std::string &id)
    {
        BOOST_TEST(served_by(id) == "a");
        disable_a(true);
        BOOST_TEST(served_by(id) == "standby");
        disable_a(false);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_standby_test)

BOOST_FIXTURE_TEST_CASE(by_default_a_session_stays_on_the_standby, Standby)
{
    start("");
    move_to_standby("x");
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(served_by("x") == "standby");
    BOOST_TEST(served_by("new") == "a");
}

BOOST_FIXTURE_TEST_CASE(failback_immediate_takes_it_home_at_once, Standby)
{
    start("failback=immediate");
    move_to_standby("x");
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(served_by("x") == "a");
}

BOOST_FIXTURE_TEST_CASE(nolearn_makes_no_entry_and_moves_none, Standby)
{
    start("nolearn");
    disable_a(true);
    BOOST_TEST(served_by("sorry") == "standby");
    BOOST_TEST(shown(*this, "Sessions") == "0");
    disable_a(false);
    BOOST_TEST(served_by("sorry") == "a");
    move_to_standby("x");
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(served_by("x") == "a");
}

BOOST_FIXTURE_TEST_CASE(a_full_member_keeps_its_sessions_and_gets_no_new_ones, SessionScenario)
{
    start(
        "StickyOn cookie:JSESSIONID learn=response\nStickyMember a maxsessions=1\n"
        "StickyMember b maxsessions=1");
    const auto at_a = log_in_at("a"), at_b = log_in_at("b");
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(member_of(log_in()) == "c");
    BOOST_TEST(is_kept(cookie(at_a), "a"));
    BOOST_TEST(is_kept(cookie(at_b), "b"));
}

BOOST_AUTO_TEST_SUITE_END()
