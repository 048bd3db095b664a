// SPDX-License-Identifier: Apache-2.0
//
// What checks have found outlives the server: a member that was down gets no request after a restart until checks
// bring it back.
// Caught if: a restart sends clients to a member that checks have found down, or keeps one down whose checks were
// taken out of the configuration.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr const char *kCheck = "StickyCheck http uri=/running interval=1h down-interval=1h fall=1";

// b is down by its first check; the next is hours away.
struct Down : Checked {
    Down()
    {
        b.on("/running", Answer{.status = 503});
        start(kCheck);
        httpd.log().expect("SB2104");
    }
    void expect_down()
    {
        BOOST_TEST(bound_to("b").get("/").member == "a");
        BOOST_TEST((share_of_new_clients(*this, 20) == Share{{"a", 20}}));
        BOOST_TEST(shown(1, "Actual") == "down");
        BOOST_TEST(httpd.log().count("SB2104") == 1);
        BOOST_TEST(!httpd.log().has("SB2101"));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_restart_test, Down)

BOOST_AUTO_TEST_CASE(a_graceful_restart_remembers)
{
    httpd.graceful();
    expect_down();
}

BOOST_AUTO_TEST_CASE(a_stop_and_a_start_remember)
{
    httpd.stop();
    httpd.start_again();
    expect_down();
}

BOOST_AUTO_TEST_CASE(a_kill_of_every_process_and_a_start_remember)
{
    httpd.kill_all();
    httpd.start_again();
    expect_down();
}

BOOST_AUTO_TEST_CASE(shorter_intervals_count_after_a_restart_and_checks_bring_it_back)
{
    b.on("/running", Answer{.status = 200});
    httpd.rewrite_config(std::string(kServerStatus) + R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a retry=3600
            BalancerMember "{b.url}" route=b retry=3600
            StickyCookie insert
            StickyCheck http uri=/running interval=200ms
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    httpd.log().expect("SB2105");
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
}

BOOST_AUTO_TEST_CASE(without_checks_nothing_of_them_is_left)
{
    httpd.rewrite_config(std::string(kServerStatus) + R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    BOOST_TEST(share_of_new_clients(*this, 20)["b"] == 10);
    BOOST_TEST(wait_shown(1, "Actual", "up"));
}

BOOST_AUTO_TEST_SUITE_END()
