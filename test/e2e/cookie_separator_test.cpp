// SPDX-License-Identifier: Apache-2.0
//
// stickysessionsep= : what stands between the session and the route, also in the cookie we write,
// so that mod_proxy_balancer reads the same route from it.
// Caught if: the separator is taken for a dot, or what was written is not what is read.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &sticky, const std::string &separator)
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
        )" +
           sticky + R"(
            ProxySet stickysession=ROUTEID stickysessionsep=)" +
           separator + R"(
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )";
}

struct TwoProxies : Scenario {
    HttpdInstance *stock = nullptr;
    TwoProxies() { start_member("a"), start_member("b"); }
    void start(const std::string &separator)
    {
        start_httpd(balancer("StickyCookie insert", separator));
        stock = &start_other_httpd(balancer("", separator));
    }
    // How many of four clients with this value are served by b.
    int from_b(const HttpdInstance &proxy, const std::string &value)
    {
        int count = 0;
        for (int i = 0; i < 4; ++i)
            count += new_browser(options_for(proxy, Protocol::kHttp1))
                         .get("/", {{"Cookie", "ROUTEID=" + value}})
                         .member == "b";
        return count;
    }
    // That the value names b, or nobody, here and there.
    void check(const std::string &value, bool names_b, bool also_for_stock = true)
    {
        BOOST_TEST(from_b(httpd, value) == (names_b ? 4 : 2), value);
        if (also_for_stock)
            BOOST_TEST((from_b(*stock, value) == 4) == names_b, value);
    }
    void check_round_trip(const std::string &expected_value)
    {
        Browser client = new_browser_on("b");
        BOOST_TEST(client.cookie("ROUTEID") == expected_value);
        BOOST_TEST(client.get("/").member == "b");
        BOOST_TEST(client.get("/").set_cookies().empty());
        check(client.cookie("ROUTEID"), true);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_separator_test)

BOOST_FIXTURE_TEST_CASE(another_character, TwoProxies)
{
    start("-");
    check_round_trip("-b");
    check("session-b", true);
    check("session.b", false);
    check(".b", false);
    check("x-y-b", true, false);  // behind the last one: only here
    check("b", true, false);      // without one: only here
}

BOOST_FIXTURE_TEST_CASE(off_means_that_the_whole_value_is_the_route, TwoProxies)
{
    start("Off");
    check_round_trip("b");
    check(".b", false);
    check("session.b", false);
    check("\"b\"", true, false);
}

BOOST_FIXTURE_TEST_CASE(every_separator_that_a_cookie_can_hold_works, TwoProxies)
{
    for (const auto *separator : {"!", "~", "_", ":", "/"}) {
        start_httpd(balancer("StickyCookie insert", separator));
        {
            Browser client = new_browser_on("b");
            BOOST_TEST(client.cookie("ROUTEID") == separator + std::string("b"));
            BOOST_TEST(client.get("/").member == "b");
            BOOST_TEST(client.get("/").set_cookies().empty());
        }
        httpd.wait_until_idle(std::chrono::seconds(5));
        httpd.stop();
    }
}

BOOST_AUTO_TEST_SUITE_END()
