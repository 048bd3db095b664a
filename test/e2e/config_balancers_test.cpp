// SPDX-License-Identifier: Apache-2.0
//
// `httpd -t` finds what is wrong with balancers, members and routes.
// Caught if: a mistake that needs no traffic to be seen is accepted in silence, a message does not
// say where and what, or a server that would have started does not.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Mistake {
    const char *what;
    std::string site;
    bool accepted;
    std::vector<std::string> says;
};
std::ostream &operator<<(std::ostream &out, const Mistake &mistake) { return out << mistake.what; }

std::string balancer(const std::string &lines)
{
    return "<Proxy \"balancer://yourlb\">\n" + lines + "StickyCookie insert\n</Proxy>\n";
}
std::string member(const std::string &port, const std::string &words)
{
    return "BalancerMember \"http://127.0.0.1:" + port + "\" " + words + "\n";
}
const std::string kTwo = member("13001", "route=1") + member("13002", "route=2");
const std::string kPass = "ProxyPass \"/\" \"balancer://yourlb/\"\n";

const std::vector<Mistake> kMistakes = {
    {"ProxyPass to another name than the balancer's",
     balancer(kTwo) + "ProxyPass \"/\" \"balancer://lbsits/\"\n",
     true,
     {"SB1101", "tested-site.conf line 6", "ProxyPass 'balancer://lbsits'", "balancer://yourlb"}},
    {"the same in a location",
     balancer(kTwo) + "<Location \"/x\">\nProxyPass \"balancer://lbsits/\"\n</Location>\n",
     true,
     {"SB1101", "tested-site.conf line 7", "balancer://lbsits", "balancer://yourlb"}},
    {"the same in a virtual host",
     balancer(kTwo) +
         "<VirtualHost 127.0.0.1:1>\nProxyPass \"/\" \"balancer://lbsits/\"\n</VirtualHost>\n",
     true,
     {"SB1101", "tested-site.conf line 7", "balancer://lbsits", "balancer://yourlb"}},
    {"a balancer without a member",
     "<Proxy \"balancer://yourlb\">\nProxySet lbmethod=byrequests\n"
     "StickyCookie insert\n</Proxy>\n",
     true,
     {"SB1102", "balancer://yourlb", "no member", "add a BalancerMember"}},
    {"two members with one route",
     balancer(member("13001", "route=1") + member("13002", "route=1")) + kPass,
     true,
     {"SB1103", "balancer://yourlb", "http://127.0.0.1:13001 and http://127.0.0.1:13002", "'1'",
      "status=+H"}},
    {"a member without a route",
     balancer(member("13001", "route=1") + member("13002", "")) + kPass,
     true,
     {"SB1104", "balancer://yourlb", "http://127.0.0.1:13002", "write route=NAME"}},
    {"no member with a route",
     balancer(member("13001", "") + member("13002", "")) + kPass,
     true,
     {"SB1104", "http://127.0.0.1:13001"}},
    {"a route with a space",
     balancer(member("13001", "\"route=a b\"")) + kPass,
     false,
     {"SB1109", "balancer://yourlb", "'a b'", "http://127.0.0.1:13001", "letters, digits"}},
    {"a route with a semicolon",
     balancer(member("13001", "route=a;b")) + kPass,
     false,
     {"SB1109", "'a;b'"}},
    {"a route with a comma",
     balancer(member("13001", "route=a,b")) + kPass,
     false,
     {"SB1109", "'a,b'"}},
    {"a section of a balancer that there is not",
     "<Proxy \"balancer://yourbl\">\nStickyCookie insert\n</Proxy>\n<Proxy "
     "\"balancer://yourlb\">\n" +
         kTwo + "</Proxy>\n" + kPass,
     false,
     {"SB1110", "tested-site.conf line 2", "'balancer://yourbl'",
      "balancers are: balancer://yourlb"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_balancers_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_mistake_is_named, boost::unit_test::data::make(kMistakes))
{
    const auto result = httpd.config_test(sample.site);
    BOOST_TEST(result.accepted() == sample.accepted);
    for (const auto &text : sample.says)
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
}

// The seed of many a mailing-list thread: two names for one balancer, two for one cookie.
BOOST_FIXTURE_TEST_CASE(several_mistakes_are_named_at_once, Scenario)
{
    const auto result = httpd.config_test(
        balancer(member("13001", "route=1") + member("13002", "route=1") + member("13003", "")) +
        "ProxyPass \"/\" \"balancer://lbsits/\"\n");
    BOOST_TEST(result.accepted());
    for (const auto *id : {"SB1101", "SB1103", "SB1104"})
        BOOST_TEST(result.says(id), result.output);
}

BOOST_FIXTURE_TEST_CASE(room_for_members_is_no_mistake, Scenario)
{
    const auto result = httpd.config_test(
        "<Proxy \"balancer://yourlb\">\nProxySet growth=4\nStickyCookie insert\n</Proxy>\n" +
        kPass);
    BOOST_TEST(result.accepted());
    BOOST_TEST(!result.says("SB1"), result.output);
}

// A primary and its backup share a route on purpose, whichever stands first.
BOOST_DATA_TEST_CASE_F(Scenario, a_standby_may_share_a_route, boost::unit_test::data::make({0, 1}))
{
    const auto result =
        httpd.config_test(balancer(member("13001", sample ? "route=1 status=+H" : "route=1") +
                                   member("13002", sample ? "route=1" : "route=1 status=+H")) +
                          kPass);
    BOOST_TEST(result.accepted());
    BOOST_TEST(!result.says("SB1103"), result.output);
}

BOOST_AUTO_TEST_SUITE_END()
