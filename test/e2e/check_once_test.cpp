// SPDX-License-Identifier: Apache-2.0
//
// One check for each member and interval in the whole server, whoever makes it.
// Caught if: each child checks, virtual hosts that share a balancer check twice, a restart checks twice or stops
// checking, or nobody goes on when the child that checks is killed or hangs.
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr auto kInterval = std::chrono::milliseconds(500);
constexpr const char *kCheck =
    "StickyCheck http uri=/running interval=500ms timeout=400ms fall=1000";
// Each child has its turn, so prefork has some, too, and not a dozen.
constexpr const char *kFewChildren = R"(
    <IfModule mpm_prefork_module>
        StartServers 3
        MinSpareServers 2
    </IfModule>
)";

// How many checks come while 10 intervals go by.
int checks_in_ten_intervals(const FakeMember &member)
{
    const auto begin = Clock::now();
    const auto before = count_of(member, "/running");
    wait_until(begin + 10 * kInterval, [] { return false; });
    return count_of(member, "/running") - before;
}

bool is_once_an_interval(int count) { return count >= 8 && count <= 11; }

struct Once : Checked {
    // Whichever child makes them: one after the other is dealt with, and checks go on each time.
    template <typename Deal>
    void check_goes_on_after(const Deal &deal)
    {
        for (const auto pid : httpd.children()) {
            deal(pid);
            const auto count = count_of(b, "/running");
            BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                                  [&] { return count_of(b, "/running") >= count + 6; }));
            ::kill(pid, SIGCONT);
        }
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_once_test, Once)

BOOST_AUTO_TEST_CASE(many_children_and_hosts_make_one_check_an_interval)
{
    start(kCheck, "", R"(
        Listen 127.0.0.1:{port.other}
        <VirtualHost 127.0.0.1:{port.other}>
            ProxyPass "/" "balancer://app/"
        </VirtualHost>
        <VirtualHost 127.0.0.1:{port.other}>
            ServerName third.example.org
            ProxyPass "/" "balancer://app/"
        </VirtualHost>
    )");
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    const int count = checks_in_ten_intervals(b);
    BOOST_TEST(is_once_an_interval(count), count);
}

BOOST_AUTO_TEST_CASE(a_graceful_restart_makes_no_check_twice_and_goes_on)
{
    start(kCheck);
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    b.hold("/slow");
    auto old = new_browser_on("b");
    auto answer = old.start_get("/slow");  // keeps a child of the old generation
    BOOST_REQUIRE(b.wait_held("/slow", 1));
    httpd.graceful();
    const int count = checks_in_ten_intervals(b);
    BOOST_TEST(is_once_an_interval(count), count);
    b.release("/slow");
}

BOOST_AUTO_TEST_CASE(another_goes_on_when_the_one_that_checks_is_killed)
{
    start(kCheck, "", kFewChildren);
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    check_goes_on_after([](pid_t pid) { ::kill(pid, SIGKILL); });
    const int later = checks_in_ten_intervals(b);
    BOOST_TEST(is_once_an_interval(later), later);
    httpd.log().allow("AH00052");  // child pid ... exit signal Killed
}

BOOST_AUTO_TEST_CASE(another_goes_on_when_the_one_that_checks_hangs_and_nobody_is_blamed)
{
    start("StickyCheck http uri=/running interval=500ms timeout=400ms fall=1", "", kFewChildren);
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    check_goes_on_after([](pid_t pid) { ::kill(pid, SIGSTOP); });
    const int later = checks_in_ten_intervals(b);
    BOOST_TEST(is_once_an_interval(later), later);
    BOOST_TEST(shown(1, "Actual") == "up");
}

BOOST_AUTO_TEST_SUITE_END()
