// SPDX-License-Identifier: Apache-2.0
//
// One server as two members, as a backup of itself is: it is asked once an interval, and the answer counts for both.
// Caught if: it is asked for each of them, one of them never hears an answer, or two questions are taken for one.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Twins : Checked {
    void start_with(const std::string &checks)
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "http://again@127.0.0.1:{a.port}" route=again status=+H
                StickyCookie insert
                )" + checks +
                    R"(
            </Proxy>
        )" + kServerStatus +
                    "ProxyPass \"/\" \"balancer://app/\"\n");
    }
    // How many checks come in ten intervals of half a second.
    int checks_of(const std::string &path)
    {
        BOOST_TEST(wait_for_checks(a, path, 2));
        const auto begin = Clock::now();
        const auto before = count_of(a, path);
        wait_until(begin + std::chrono::seconds(5), [] { return false; });
        return count_of(a, path) - before;
    }
    bool both_are_shown(const std::string &key, const std::string &wanted)
    {
        return wait_shown(0, key, wanted) && wait_shown(1, key, wanted);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_twins_test, Twins)

BOOST_AUTO_TEST_CASE(one_answer_is_for_both)
{
    start_with("StickyCheck http uri=/running interval=500ms fall=1 rise=1");
    const int count = checks_of("/running");
    BOOST_TEST(count >= 8);
    BOOST_TEST(count <= 11);
    a.on("/running", Answer{.status = 500});
    httpd.log().expect_count("SB2104", 2);
    BOOST_TEST(both_are_shown("Actual", "down"));
    a.on("/running", Answer{});
    BOOST_TEST(both_are_shown("Actual", "up"));
}

BOOST_AUTO_TEST_CASE(two_questions_are_asked_both)
{
    start_with(
        "StickyCheck http uri=/running interval=500ms fall=1\n"
        "StickyCheck http uri=/other interval=500ms fall=1 member=again");
    a.on("/other", Answer{.status = 500});
    httpd.log().expect("SB2104");
    BOOST_TEST(wait_shown(1, "Actual", "down"));
    BOOST_TEST(wait_for_checks(a, "/running", 3));
    BOOST_TEST(shown(0, "Actual") == "up");
}

BOOST_AUTO_TEST_SUITE_END()
