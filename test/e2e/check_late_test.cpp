// SPDX-License-Identifier: Apache-2.0
//
// More checks at one time than are made at one time.
// Caught if: checks are left out for ever, or come late and nobody says so.
#include <boost/test/unit_test.hpp>

#include "test/e2e/check_steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr int kMembers = 270;
constexpr int kMostUnderWay = 256;

std::string members()
{
    std::string lines;
    for (int i = 100; i < 100 + kMembers; ++i)  // no URL begins as another one
        lines += "BalancerMember \"{a.url}/" + std::to_string(i) + "\" route=m" +
                 std::to_string(i) + "\n";
    return lines;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(check_late_test, Checked)
{
    a.hold("/running");
    start_httpd("<Proxy \"balancer://app\">\n" + members() +
                "StickyCheck http uri=/running interval=1h timeout=1h\n</Proxy>\n"
                "ProxyPass \"/\" \"balancer://app/\"\n");
    BOOST_TEST(a.wait_held("/running", kMostUnderWay));
    httpd.log().expect("SB2110");
    BOOST_TEST(count_of(a, "/running") == kMostUnderWay);
    a.release("/running");
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return count_of(a, "/running") == kMembers; }));
    BOOST_TEST(httpd.log().count("SB2110") == 1);
}
