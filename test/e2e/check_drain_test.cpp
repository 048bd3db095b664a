// SPDX-License-Identifier: Apache-2.0
//
// A member leaves gracefully by what it says to checks: drain-on, X-Sticky-State, a file that is gone, a check port
// that is closed beside a backup with its route.
// Caught if: a draining member gets new clients or loses those it has, the two are not taken back, or a drain by
// checks is taken for the operator's.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"
#include "test/support/listener.hpp"

using namespace stickybalancer::test;

namespace {

Answer answer(int status, const std::string &state = "")
{
    Answer made{.status = status};
    if (!state.empty())
        made.headers = {{"X-Sticky-State", state}};
    return made;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_drain_test, Checked)

BOOST_AUTO_TEST_CASE(a_status_of_drain_on_keeps_clients_and_takes_no_new_ones)
{
    start("StickyCheck http uri=/running interval=200ms drain-on=404,410-411");
    auto kept = new_browser_on("b");
    b.on("/running", answer(404));
    httpd.log().expect("SB2106");
    BOOST_TEST(httpd.log().has("is draining: check HEAD /running: 404 in "));
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(kept.get("/").member == "b");
    BOOST_TEST((share_of_new_clients(*this, 20) == Share{{"a", 20}}));
    BOOST_TEST(shown(1, "Actual") == "up");
    BOOST_TEST(shown(1, "Requested") == "ready");  // nobody asked for it but the member
    BOOST_TEST(shown(1, "Check").ends_with("), draining"));

    b.on("/running", answer(200));
    httpd.log().expect("SB2107");
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
    BOOST_TEST(!httpd.log().has("SB2104"));
}

BOOST_AUTO_TEST_CASE(a_header_says_the_same_and_goes_over_the_status)
{
    start("StickyCheck http uri=/running interval=200ms drain-on=404");
    b.on("/running", answer(200, "drain"));
    httpd.log().expect("200, X-Sticky-State: drain in ");
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"a", 10}}));
    b.on("/running", answer(404, "Ready"));
    httpd.log().expect("404, X-Sticky-State: ready in ");
    BOOST_TEST(share_of_new_clients(*this, 10)["b"] == 5);
}

BOOST_AUTO_TEST_CASE(an_answer_that_fails_says_nothing_of_a_drain)
{
    start("StickyCheck http uri=/running interval=200ms fall=2 rise=1");
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    b.on("/running", answer(500, "drain"));
    httpd.log().expect("SB2104");
    BOOST_TEST(!httpd.log().has("SB2106"));
    b.on("/running", answer(200));
    BOOST_TEST(wait_shown(1, "Actual", "up"));
}

// Loadbalancing with HAProxy, soft stop by file: "rm running".
BOOST_AUTO_TEST_CASE(a_file_that_is_gone_stops_a_member_and_its_return_starts_it)
{
    start("StickyCheck http method=HEAD uri=/running interval=200ms rise=2 fall=2");
    BOOST_TEST(wait_for_checks(b, "/running", 2));
    b.on("/running", answer(404));
    httpd.log().expect("SB2104");
    BOOST_TEST(httpd.log().has("(2 of 2)"));
    BOOST_TEST((share_of_new_clients(*this, 20) == Share{{"a", 20}}));
    b.on("/running", answer(200));
    BOOST_TEST(wait_shown(1, "Actual", "up"));
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
}

// Soft stop with backups that share their primaries' cookies, and checks on another port than the traffic's.
BOOST_AUTO_TEST_CASE(a_closed_check_port_sends_nobody_new_and_the_backup_keeps_the_clients)
{
    Listener check_port([](int) {});
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a retry=3600
            BalancerMember "{b.url}" route=b retry=3600
            BalancerMember "http://2@127.0.0.1:{b.port}" route=b retry=3600 status=+H
            StickyCookie insert
            StickyCheck tcp interval=200ms
            StickyCheck tcp interval=200ms member=b port=)" +
                std::to_string(check_port.port()) + R"(
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    auto kept = new_browser_on("b");
    check_port.stop();
    httpd.log().expect("SB2104");
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(kept.get("/").member == "b");
    BOOST_TEST((share_of_new_clients(*this, 20) == Share{{"a", 20}}));
    check_port.start();
    httpd.log().expect("SB2105");
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
}

BOOST_AUTO_TEST_CASE(backups_serve_as_long_as_no_other_is_up)
{
    a.stop();
    start("StickyCheck tcp interval=200ms", "status=+H");
    httpd.log().expect("SB2104");
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"b", 10}}));
    a.start_again();
    httpd.log().expect("SB2105");
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"a", 10}}));
}

BOOST_AUTO_TEST_SUITE_END()
