// SPDX-License-Identifier: Apache-2.0
//
// A member that is added at run time is checked from then on.
// Caught if: the process that makes the checks learns of it only by a request of its own.
#include <boost/test/unit_test.hpp>

#include <exception>

#include "test/e2e/check_steps.hpp"
#include "test/support/pause.hpp"

using namespace stickybalancer::test;

namespace {

// While it cannot learn of it by a request of its own. It may have been stopped inside a lock that the request
// waits for: false, and it is to be tried again.
bool add_without(HttpdInstance &httpd, pid_t child, const FakeMember &member)
{
    pause_all({child});  // for less than the others would wait for it
    bool is_added = true;
    try {
        httpd.balancer_manager("app", "", {{"b_wyes", "1"}, {"b_nwrkr", member.url()}});
        httpd.balancer_manager("app", member.url(), {{"w_status_D", "0"}, {"w_wr", member.name()}});
    } catch (const std::exception &) {
        is_added = false;
    }
    continue_all({child});
    return is_added;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(check_added_member_test, Checked)
{
    const FakeMember added[] = {start_member("c"), start_member("d")};
    start("ProxySet growth=2\nStickyCheck http uri=/running interval=300ms");
    BOOST_TEST(wait_for_checks(b, "/running", 2));
    // mod_proxy_hcheck, in one of the children, looks for new members, too.
    const auto children = httpd.children();
    for (std::size_t i = 0; i < 2; ++i) {
        auto others = children;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        pause_all(others);
        BOOST_TEST(wait_for_checks(b, "/running", 3));  // by the one that is left
        continue_all(others);
        bool is_added = false;
        for (int attempt = 0; !is_added && attempt < 3; ++attempt)
            is_added = add_without(httpd, children[i], added[i]);
        BOOST_REQUIRE(is_added);
        BOOST_TEST(wait_for_checks(added[i], "/running", 3));
    }
}
