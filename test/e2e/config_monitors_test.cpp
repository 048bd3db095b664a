// SPDX-License-Identifier: Apache-2.0
//
// StickyMonitorNet and StickyMonitorURI: what `httpd -t` says of them.
// Caught if: a slip in a network lets other addresses be monitors, or a monitor that can never be
// answered 200, or that says nothing of any member, goes unnoticed.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;
using Texts = std::vector<std::string>;

namespace {

const std::string kBalancer =
    "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:13001\" route=a\n"
    "BalancerMember \"http://127.0.0.1:13002\" route=b\nStickyCookie insert\n</Proxy>\n"
    "ProxyPass \"/\" \"balancer://app/\"\n";

struct Line {
    std::string text;
    Texts says;
};
std::ostream &operator<<(std::ostream &out, const Line &line) { return out << line.text; }

const Texts kAccepted = {
    "StickyMonitorNet 192.0.2.1",
    "StickyMonitorNet 192.0.2.0/24 10.0.0.0/8 2001:db8::/32",
    "StickyMonitorNet \"192.0.2.0/24\"\nStickyMonitorNet 192.0.2.0/24",
    "StickyMonitorNet 0.0.0.0/0 ::/0 ::1",
    "StickyMonitorNet ::ffff:192.0.2.0/120",
    "StickyMonitorURI /",
    "StickyMonitorURI /health/new%20clients;v=1",
    "StickyMonitorURI \"/health\" fail-below=2",
    "stickymonitoruri /health FAIL-BELOW=1 fail-if=\"-f '/run/lameduck'\"",
};

const Line kRefused[] = {
    {"StickyMonitorNet",
     {"StickyMonitorNet: '' is no address and no network; use networks such as"}},
    {"StickyMonitorNet localhost", {"'localhost' is no address and no network"}},
    {"StickyMonitorNet 192.0.2.0/24,10.0.0.0/8",
     {"'192.0.2.0/24,10.0.0.0/8' has no prefix length"}},
    {"StickyMonitorNet 10.1", {"'10.1' is no address"}},
    {"StickyMonitorNet 192.0.2.0/33", {"'192.0.2.0/33' has no prefix length of 0 to 32"}},
    {"StickyMonitorNet 192.0.2.0/-1", {"has no prefix length"}},
    {"StickyMonitorNet 192.0.2.0/", {"has no prefix length"}},
    {"StickyMonitorNet 192.0.2.0/255.255.255.0", {"has no prefix length"}},
    {"StickyMonitorNet 2001:db8::/129", {"has no prefix length of 0 to 128"}},
    {"StickyMonitorNet 192.0.2.0/24 10.1.2.3/8",
     {"'10.1.2.3/8' has bits set behind its prefix; the network is 10.0.0.0/8"}},
    {"StickyMonitorNet 192.168.1.253/31", {"the network is 192.168.1.252/31"}},
    {"StickyMonitorNet 2001:db8::1/32", {"the network is 2001:db8::/32"}},
    {"StickyMonitorNet ::ffff:192.0.2.1/120", {"the network is 192.0.2.0/24"}},
    {"StickyMonitorNet ::ffff:192.0.2.0/32", {"has no prefix length of 96 to 128"}},
    {"StickyMonitorNet fail-below=1", {"'fail-below=1' is no address"}},
    {"StickyMonitorURI", {"StickyMonitorURI: '' is no path; use a path that begins with '/'"}},
    {"StickyMonitorURI health", {"'health' is no path"}},
    {"StickyMonitorURI http://a/health", {"is no path"}},
    {"StickyMonitorURI /health?new", {"is no path"}},
    {"StickyMonitorURI \"/health check\"", {"is no path"}},
    {"StickyMonitorURI /health /other", {"'/other' is not an option; use fail-below=, fail-if="}},
    {"StickyMonitorURI /health fail-below=0", {"fail-below=", "use 1 to 1000000"}},
    {"StickyMonitorURI /health \"fail-if=-f\"", {"is no condition"}},
    {"StickyMonitorURI /health fail-below=1 fail-below=2", {"given twice"}},
    {"StickyMonitorURI /health fail-below=3",
     {"SB1151", "fail-below=3 is above the 2 members that balancer://app can have", "use 1 to 2"}},
    {"<Proxy \"balancer://app\">\nStickyMonitorNet 192.0.2.1\n</Proxy>", {"not allowed"}},
    {"<Location \"/\">\nStickyMonitorURI /health\n</Location>", {"not allowed"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_monitors_test)

BOOST_DATA_TEST_CASE_F(Scenario, it_is_accepted, kAccepted, line)
{
    const auto result = httpd.config_test(kBalancer + line + '\n');
    BOOST_TEST(result.accepted(), result.output);
    BOOST_TEST(!result.says("SB1"), result.output);
}

BOOST_DATA_TEST_CASE_F(Scenario, it_is_refused_with_what_to_write_instead, kRefused, line)
{
    const auto result = httpd.config_test(kBalancer + line.text + '\n');
    BOOST_TEST(!result.accepted());
    for (const auto &text : line.says)
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
}

BOOST_FIXTURE_TEST_CASE(members_that_can_be_added_count, Scenario)
{
    const auto result = httpd.config_test(
        "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:13001\" route=a\n"
        "ProxySet growth=4\nStickyCookie insert\n</Proxy>\nStickyMonitorURI /lb fail-below=5\n");
    BOOST_TEST(result.accepted(), result.output);
}

BOOST_FIXTURE_TEST_CASE(a_host_without_a_balancer_of_ours_is_told, Scenario)
{
    const std::string host = "<VirtualHost 127.0.0.1:8>\n" + kBalancer + "\n</VirtualHost>\n";
    const auto nobody = httpd.config_test("StickyMonitorURI /lb\n");
    BOOST_TEST(nobody.accepted());
    BOOST_TEST(nobody.says("line 1: StickyMonitorURI /lb: no balancer here"), nobody.output);
    BOOST_TEST(nobody.says("SB1150"));
    BOOST_TEST(!httpd.config_test("StickyMonitorURI /lb\n" + host).says("SB1150"));
    const auto another = httpd.config_test(
        host + "<VirtualHost 127.0.0.1:9>\nStickyMonitorURI /lb\n</VirtualHost>\n");
    BOOST_TEST(another.accepted());
    BOOST_TEST(another.says("SB1150"), another.output);
}

BOOST_AUTO_TEST_SUITE_END()
