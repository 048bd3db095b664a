// SPDX-License-Identifier: Apache-2.0
//
// httpd ends, restarts and starts again as it does without the module.
// Caught if: the parent process crashes while it tears its memory down, which httpd reports at
// level notice only.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(stop_test)

BOOST_FIXTURE_TEST_CASE(the_parent_process_ends_in_order, Scenario)
{
    start_httpd("");  // the module is loaded, and has nothing to do
    httpd.stop();
    BOOST_TEST(httpd.log().count("AH00060") ==
               0);  // seg fault or similar nasty error in the parent

    start_member("a");
    httpd.write_config(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    httpd.start_again();
    BOOST_TEST(new_browser().get("/").member == "a");
    httpd.graceful();
    BOOST_TEST(new_browser().get("/").member == "a");
    httpd.wait_until_idle(std::chrono::seconds(5));
    httpd.restart();
    BOOST_TEST(new_browser().get("/").member == "a");
    httpd.wait_until_idle(std::chrono::seconds(5));
    httpd.stop_gracefully();
    BOOST_TEST(httpd.log().count("AH00060") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
