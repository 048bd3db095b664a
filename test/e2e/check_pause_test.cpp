// SPDX-License-Identifier: Apache-2.0
//
// A server that could not run for a while: a virtual machine that was paused, a machine at its limit.
// Caught if: a check that was under way counts as failed, though the member answered in time.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"
#include "test/support/pause.hpp"

using namespace stickybalancer::test;

// Longer than the check may take, and shorter than another process would wait for this one.
BOOST_FIXTURE_TEST_CASE(check_pause_test, Checked)
{
    start("StickyCheck http uri=/running interval=1s timeout=900ms fall=1");
    BOOST_TEST(wait_for_checks(b, "/running", 2));
    b.hold("/running");
    BOOST_REQUIRE(b.wait_held("/running", 1));
    pause_all(httpd.children());
    b.release("/running");
    wait_until(Clock::now() + std::chrono::milliseconds(1300), [] { return false; });
    continue_all(httpd.children());
    BOOST_TEST(wait_for_checks(b, "/running", 2));
    BOOST_TEST(shown(1, "Actual") == "up");
    BOOST_TEST(!httpd.log().has("SB2104"));
}
