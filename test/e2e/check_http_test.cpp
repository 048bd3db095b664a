// SPDX-License-Identifier: Apache-2.0
//
// Checks by HTTP take a member down and bring it back, without a request of a client.
// Caught if: no check is made without traffic, a check that fails is not counted, counts are not of results in a
// row, a member that is down gets requests, its clients get anything but an answer, or nobody says why it is down.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr const char *kCheck = "StickyCheck http uri=/running interval=200ms rise=2 fall=3";

Answer answer(int status) { return Answer{.status = status}; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_http_test, Checked)

BOOST_AUTO_TEST_CASE(a_member_whose_check_fails_gets_no_requests_until_it_passes)
{
    start(kCheck);
    auto kept = new_browser_on("b");
    BOOST_TEST(wait_for_checks(b, "/running", 2));

    b.on("/running", answer(404));
    httpd.log().expect("SB2104");
    BOOST_TEST(httpd.log().has("is down: check HEAD /running: 404 in "));
    BOOST_TEST(httpd.log().has("ms (3 of 3)"));
    BOOST_TEST(shown(1, "Actual") == "down");
    BOOST_TEST(shown(1, "Reason") == "check-failed");
    BOOST_TEST(shown(1, "Check").ends_with(" ms): 404"), shown(1, "Check"));
    const auto moved = kept.get("/");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.set_cookie("ROUTEID").starts_with("ROUTEID=.a"));
    BOOST_TEST((share_of_new_clients(*this, 50) == Share{{"a", 50}}));

    b.on("/running", answer(200));
    BOOST_TEST(wait_shown(1, "Actual", "up"));
    BOOST_TEST(shown(1, "Reason") == "check-passed");
    BOOST_TEST(shown(1, "Check").ends_with(" ms)"), shown(1, "Check"));
    BOOST_TEST(httpd.log().has("is up again: check HEAD /running: 200 in "));
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
    BOOST_TEST(kept.get("/").member == "a");  // who was moved stays
    BOOST_TEST(httpd.log().count("SB2104") == 1);
    BOOST_TEST(httpd.log().count("SB2105") == 1);
}

BOOST_AUTO_TEST_CASE(checks_are_made_without_traffic_and_stop_with_the_server)
{
    start(kCheck);
    BOOST_TEST(wait_for_checks(a, "/running", 5));
    BOOST_TEST(wait_for_checks(b, "/running", 5));
    BOOST_TEST(count_of(a, "/") == 0);
    httpd.stop();
    const auto count = a.accepted_count();
    BOOST_TEST(!wait_until(within(std::chrono::milliseconds(600)),
                           [&] { return a.accepted_count() != count; }));
}

BOOST_AUTO_TEST_CASE(only_results_in_a_row_count)
{
    std::atomic<int> number = 0;
    // Two of three fail, but never more in a row: or four, where a busy machine is late for one that passes.
    b.on("/running", [&](const Request &) { return answer(number++ % 3 == 0 ? 200 : 500); });
    start("StickyCheck http uri=/running interval=200ms rise=2 fall=5");
    BOOST_TEST(wait_for_checks(b, "/running", 15));
    BOOST_TEST(shown(1, "Actual") == "up");
    BOOST_TEST(!httpd.log().has("SB2104"));
}

BOOST_AUTO_TEST_CASE(a_member_that_is_dead_at_the_start_is_down_after_one_check)
{
    b.stop();
    start(kCheck);
    httpd.log().expect("SB2104");
    BOOST_TEST(httpd.log().has("Connection refused in "));
    BOOST_TEST(httpd.log().has("ms (1 of 3)"));
    BOOST_TEST(shown(1, "Check").starts_with("failed ("), shown(1, "Check"));
    BOOST_TEST(shown(1, "Check").ends_with(" ms): Connection refused"), shown(1, "Check"));
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"a", 10}}));
    b.start_again();
    BOOST_TEST(wait_shown(1, "Actual", "up"));
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
}

BOOST_AUTO_TEST_CASE(a_slow_answer_is_a_failure_after_the_timeout)
{
    start("StickyCheck http uri=/running interval=400ms timeout=100ms fall=2 rise=1");
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    b.hold("/running");
    httpd.log().expect("SB2104");
    BOOST_TEST(httpd.log().has("is down: check HEAD /running: no answer in time in 1"));
    b.release("/running");
    BOOST_TEST(wait_shown(1, "Actual", "up"));
}

BOOST_AUTO_TEST_CASE(a_check_that_outlasts_its_interval_has_failed)
{
    start("StickyCheck http uri=/running interval=300ms timeout=10s fall=2 rise=1");
    httpd.log().expect("SB1131");
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    b.hold("/running");
    httpd.log().expect("SB2104");
    BOOST_TEST(httpd.log().has("no answer before the next check"));
    b.release("/running");
    BOOST_TEST(wait_shown(1, "Actual", "up"));
}

BOOST_AUTO_TEST_CASE(answers_that_are_none_are_failures)
{
    start("StickyCheck http uri=/running interval=200ms fall=1 rise=1");
    const auto goes_down = [&](const Answer &bad, const std::string &why) {
        b.on("/running", bad);
        BOOST_TEST(wait_shown(1, "Actual", "down"));
        BOOST_TEST(httpd.log().has(why), why);
        b.on("/running", answer(200));
        BOOST_TEST(wait_shown(1, "Actual", "up"));
    };
    goes_down({.ending = Ending::kCloseUnanswered}, "connection closed without an answer");
    goes_down({.ending = Ending::kResetUnanswered}, "Failure when receiving data from the peer");
    goes_down({.raw = "SSH-2.0-OpenSSH_9\r\n"}, "check HEAD /running: ");
    goes_down({.raw = "HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'x') + "\r\n\r\n"},
              "too many headers");
    goes_down({.raw = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"},
              "check HEAD /running: 503 in ");
    httpd.log().expect("SB2104");
}

BOOST_AUTO_TEST_SUITE_END()
