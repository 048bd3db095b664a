// SPDX-License-Identifier: Apache-2.0
//
// The member of a session goes: another one answers, the session is its from now on, and the application can
// see that it was moved.
// Caught if: the client gets an error, the session goes back and forth, the application's cookie is touched,
// or a member that has not answered is learned.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kLine = "StickyOn cookie:JSESSIONID";

std::string other_than(const std::string &member) { return member == "a" ? "b" : "a"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(session_failover_test)

BOOST_FIXTURE_TEST_CASE(a_session_moves_once_and_stays_there, SessionScenario)
{
    start(kLine, "Header always set X-Sticky \"%{STICKY_CAUSE}e\"\n");
    const auto id = log_in();
    auto &gone = member(member_of(id));
    gone.stop();
    allow_failed_connections();
    const auto moved = new_browser().post("/", "a body", cookie(id));
    BOOST_TEST(moved.status == 200);
    BOOST_TEST(moved.member != member_of(id));
    BOOST_TEST(moved.header("X-Sticky") == "redispatch");
    BOOST_TEST(moved.set_cookies().empty());
    BOOST_TEST(member(moved.member).last_request().body == "a body");
    BOOST_TEST(member(moved.member).last_request().cookie("JSESSIONID").value() == id);
    BOOST_TEST(is_kept(cookie(id), moved.member));
    BOOST_TEST(new_browser().get("/", cookie(id)).header("X-Sticky") == "table");

    gone.start_again();  // who comes back does not get it back
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return new_browser().get("/").member == member_of(id); }));
    BOOST_TEST(is_kept(cookie(id), moved.member));
    BOOST_TEST(count("Sessions") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_session_that_is_only_looked_up_moves_too, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID learn=response");
    const auto id = log_in();
    member(member_of(id)).stop();
    allow_failed_connections();
    const auto moved = new_browser().get("/", cookie(id)).member;
    BOOST_TEST(moved != member_of(id));
    BOOST_TEST(is_kept(cookie(id), moved));
}

BOOST_FIXTURE_TEST_CASE(a_disabled_member_loses_its_sessions_a_draining_one_does_not,
                        SessionScenario)
{
    start(kLine);
    const auto id = log_in();
    httpd.drain("app", member_of(id));
    BOOST_TEST(is_kept(cookie(id), member_of(id)));
    httpd.undrain("app", member_of(id));
    httpd.balancer_manager("app", member_of(id), {{"w_status_D", "1"}});
    const auto moved = new_browser().get("/", cookie(id)).member;
    BOOST_TEST(moved != member_of(id));
    httpd.balancer_manager("app", member_of(id), {{"w_status_D", "0"}});
    BOOST_TEST(is_kept(cookie(id), moved));
}

BOOST_FIXTURE_TEST_CASE(with_nofailover_it_is_refused_and_not_moved, SessionScenario)
{
    start(kLine + "\nProxySet nofailover=On");
    const auto id = log_in();
    auto &gone = member(member_of(id));
    gone.stop();
    allow_failed_connections();
    httpd.log().allow("SB4002");
    BOOST_TEST(new_browser().get("/", cookie(id)).status == 503);
    BOOST_TEST(new_browser().get("/", cookie(id)).status == 503);
    gone.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)), [&] {
        return new_browser().get("/", cookie(id)).member == member_of(id);
    }));
}

// The cookie of the module takes a request elsewhere; the session's own member can serve, and has its data.
BOOST_FIXTURE_TEST_CASE(a_session_stays_where_it_is_when_a_cookie_takes_a_request_elsewhere,
                        SessionScenario)
{
    start(kLine + "\nStickyCookie insert");
    const auto id = log_in();
    const auto elsewhere = other_than(member_of(id));
    BOOST_TEST(new_browser()
                   .get("/", {{"Cookie", "ROUTEID=." + elsewhere + "; JSESSIONID=" + id}})
                   .member == elsewhere);
    BOOST_TEST(is_kept(cookie(id), member_of(id)));
}

BOOST_AUTO_TEST_SUITE_END()
