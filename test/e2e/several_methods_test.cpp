// SPDX-License-Identifier: Apache-2.0
//
// One server, several ways to persist at the same time: by our cookie, by the client's address, by the
// application's session, and not at all.
// Caught if: one balancer's way reaches into another's, or two tables are one.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Methods : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    static std::string balancer(const std::string &name, const std::string &line)
    {
        return "<Proxy \"balancer://" + name +
               "\">\nBalancerMember \"{a.url}\" route=a\nBalancerMember \"{b.url}\" route=b\n" +
               line + "\n</Proxy>\nProxyPass \"/" + name + "/\" \"balancer://" + name + "/\"\n";
    }
    Share served(const std::string &path, const Headers &headers = {},
                 const std::string &source = {})
    {
        Share share;
        for (int i = 0; i < 6; ++i)
            ++share[new_browser({.source = source}).get(path, headers).member];
        return share;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(several_methods_test)

BOOST_FIXTURE_TEST_CASE(each_balancer_keeps_its_clients_in_its_own_way, Methods)
{
    start_httpd(balancer("by-cookie", "StickyCookie insert") +
                balancer("by-address", "StickyOn client") +
                balancer("by-session", "StickyOn cookie:SID") +
                balancer("by-nothing", "StickyBalancer On"));
    const Share both = {{"a", 3}, {"b", 3}};
    for (const std::string member : {"a", "b"})
        BOOST_TEST(
            (served("/by-cookie/", {{"Cookie", "ROUTEID=." + member}}) == Share{{member, 6}}));
    BOOST_TEST((served("/by-cookie/") == both));

    for (const auto *source : {"127.0.0.2", "127.0.0.3"})
        BOOST_TEST(served("/by-address/", {}, source).size() == 1u);

    for (const auto *id : {"x", "y"})
        BOOST_TEST(served("/by-session/", {{"Cookie", std::string("SID=") + id}}).size() == 1u);
    BOOST_TEST((served("/by-session/") == both));

    BOOST_TEST((served("/by-nothing/", {{"Cookie", "SID=x"}}) == both));
    BOOST_TEST(new_browser().get("/by-address/").set_cookies().empty());
    BOOST_TEST(new_browser().get("/by-session/").set_cookies().empty());
}

// What one table knows the other does not.
BOOST_FIXTURE_TEST_CASE(one_session_may_be_elsewhere_in_each_balancer, Methods)
{
    start_httpd(balancer("one", "StickyOn cookie:SID") + balancer("two", "StickyOn cookie:SID"));
    const Headers sid = {{"Cookie", "SID=x"}};
    const auto in_one = new_browser().get("/one/", sid).member;
    while (new_browser().get("/two/").member == in_one) {  // the other's turn
    }
    const auto other = new_browser().get("/two/", sid).member;
    BOOST_TEST((served("/one/", sid) == Share{{in_one, 6}}));
    BOOST_TEST((served("/two/", sid) == Share{{other, 6}}));
}

BOOST_AUTO_TEST_SUITE_END()
