// SPDX-License-Identifier: Apache-2.0
//
// Requests that fail at a member with checks: it is out at once, no client waits for the next check, and none is the
// probe: checks bring it back.
// Caught if: retry= or forcerecovery= sends a client to it, or a passed check before the failure counts.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

BOOST_FIXTURE_TEST_SUITE(check_quarantine_test, Checked)

// The check's port is another one and stays open; the next check is hours away.
BOOST_AUTO_TEST_CASE(one_failed_request_is_enough_and_retry_does_not_count)
{
    auto probe = start_member("probe");
    start_httpd(std::string(kServerStatus) + R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a retry=1
            BalancerMember "{b.url}" route=b retry=1
            StickyCookie insert
            StickyCheck http uri=/running interval=1h port={probe.port}
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    allow_failed_connections();
    BOOST_TEST(
        wait_until(within(std::chrono::seconds(10)), [&] { return probe.requests().size() == 2; }));
    b.stop();
    BOOST_TEST(bound_to("b").get("/").member == "a");
    BOOST_TEST(wait_shown(1, "Actual", "down"));
    BOOST_TEST(httpd.log().count("SB2101") == 1);
    b.start_again();
    const auto accepted = b.accepted_count();
    // Well beyond retry=.
    wait_until(within(std::chrono::milliseconds(2500)), [&] {
        BOOST_TEST(bound_to("b").get("/").member == "a");
        return false;
    });
    BOOST_TEST(b.accepted_count() == accepted);
    // Nor when it is the last: forcerecovery= would have it tried.
    a.stop();
    BOOST_TEST(bound_to("b").get("/").status == 503);
    BOOST_TEST(bound_to("b").get("/").status == 503);
    BOOST_TEST(b.accepted_count() == accepted);
    httpd.log().expect("SB4001");
}

BOOST_AUTO_TEST_CASE(only_checks_in_a_row_bring_it_back)
{
    start("StickyCheck tcp interval=300ms rise=3 fall=1000");
    allow_failed_connections();
    BOOST_TEST(
        wait_until(within(std::chrono::seconds(10)), [&] { return b.accepted_count() >= 4; }));
    b.stop();
    BOOST_TEST(bound_to("b").get("/").member == "a");
    const auto accepted = b.accepted_count();
    b.start_again();
    httpd.log().expect("SB2105");
    BOOST_TEST(httpd.log().has("(3 of 3)"));
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return b.accepted_count() >= accepted + 3; }));
    BOOST_TEST(bound_to("b").get("/").member == "b");
}

BOOST_AUTO_TEST_CASE(observe_counts_requests_that_were_not_answered)
{
    b.on("/bad", Answer{.ending = Ending::kResetUnanswered});
    b.on("/error", Answer{.status = 500});
    start("StickyCheck http uri=/running interval=1h observe=3");
    httpd.log().allow("AH01102");  // error reading status line from remote server
    httpd.log().allow("AH00898");  // Error reading from remote server
    // On a connection that is kept mod_proxy itself puts such a member out of use.
    const auto ask = [&](const std::string &path) { return bound_to("b").get(path); };
    for (const auto *path : {"/bad", "/bad", "/error", "/bad", "/bad"})
        ask(path);
    BOOST_TEST(ask("/").member == "b");  // an answer: whatever it says
    ask("/bad");
    ask("/bad");
    BOOST_TEST(!httpd.log().has("SB2109"));
    ask("/bad");
    httpd.log().expect("SB2109");
    BOOST_TEST(httpd.log().has("is down: 3 requests in a row were not answered"));
    BOOST_TEST(ask("/").member == "a");
}

BOOST_AUTO_TEST_CASE(who_goes_away_is_no_failure_of_the_member)
{
    start("StickyCheck http uri=/running interval=1h observe=1");
    b.hold("/slow");
    for (int i = 1; i <= 3; ++i) {
        auto client = bound_to("b");
        auto answer = client.start_get("/slow");
        BOOST_REQUIRE(b.wait_held("/slow", i));
        client.disconnect();
    }
    b.release("/slow");
    BOOST_TEST(bound_to("b").get("/").member == "b");
    BOOST_TEST(!httpd.log().has("SB2109"));
}

BOOST_AUTO_TEST_SUITE_END()
