// SPDX-License-Identifier: Apache-2.0
//
// A member that mod_proxy_hcheck checks, too (hcmethod=).
// Caught if: the verdict of one of the two is undone by the other, or is told as a failure of the request that was
// under way.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

BOOST_FIXTURE_TEST_SUITE(check_hcheck_test, Checked)

BOOST_AUTO_TEST_CASE(it_serves_while_both_say_so)
{
    const auto set = [this](const std::string &path, int status) {
        b.on(path, Answer{.status = status});
    };
    const auto is_served_by = [this](const std::string &member) {
        return wait_until(within(std::chrono::seconds(15)),
                          [&] { return bound_to("b").get("/").member == member; });
    };
    // Longer than it takes until all members were looked at.
    const auto stays_with_a = [this] {
        wait_until(Clock::now() + std::chrono::milliseconds(2500), [&] {
            BOOST_TEST(bound_to("b").get("/").member == "a");
            return false;
        });
    };
    start("StickyCheck http uri=/ours interval=300ms rise=1 fall=1",
          "hcmethod=GET hcuri=/theirs hcinterval=5 hcpasses=1 hcfails=1");
    httpd.log().expect("SB1135");
    for (const auto *line : {"AH03301", "AH03302"})  // disabling, enabling
        httpd.log().allow(line);
    BOOST_TEST(is_served_by("b"));

    set("/theirs", 500);
    BOOST_TEST(is_served_by("a"));
    BOOST_TEST(
        wait_for_checks(b, "/ours", 6));  // longer than the look at all members takes to come
    BOOST_TEST(bound_to("b").get("/").member == "a");

    set("/ours", 500);
    httpd.log().expect("SB2104");
    set("/theirs", 200);
    BOOST_TEST(wait_for_checks(b, "/theirs", 1));
    stays_with_a();

    set("/ours", 200);
    BOOST_TEST(is_served_by("b"));
}

BOOST_AUTO_TEST_CASE(what_comes_during_a_request_is_no_failure_of_it)
{
    const auto elsewhere = [this] {
        return wait_until(within(std::chrono::seconds(15)),
                          [&] { return bound_to("b").get("/").member == "a"; });
    };
    start("StickyCheck http uri=/ours interval=1h",
          "hcmethod=GET hcuri=/theirs hcinterval=1 hcpasses=1 hcfails=1");
    httpd.log().expect("SB1135");
    httpd.log().allow("AH03301");  // disabling
    b.hold("/slow");
    auto client = bound_to("b");
    auto held = client.start_get("/slow");
    BOOST_TEST(b.wait_held("/slow", 1));
    b.on("/theirs", Answer{.status = 500});
    BOOST_TEST(elsewhere());
    b.release("/slow");
    BOOST_TEST(held.wait().member == "b");
    BOOST_TEST(elsewhere());
    BOOST_TEST(shown(1, "Actual") == "up");
}

BOOST_AUTO_TEST_SUITE_END()
