// SPDX-License-Identifier: Apache-2.0
//
// What the log says of a request that failed at a member: that it is tried on another one (SB2201) where it is.
// Caught if: it says so where there is no other member, or none that the client may be moved to.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/retry_steps.hpp"

using namespace stickybalancer::test;
namespace data = boost::unit_test::data;

namespace {

struct Told : RetryScenario {
    int moves() { return httpd.log().count("SB2201"); }
    std::string moved_from(const FakeMember &member)
    {
        return "SB2201: balancer://app: a request that failed at " + member.url() +
               " (connect) is tried on another member";
    }
};

const std::string kMayNotBeMoved[] = {"StickyWhenDown reject",
                                      "StickyWhenDown redirect url=https://status.example.test/",
                                      "ProxySet nofailover=On"};

}  // namespace

BOOST_AUTO_TEST_SUITE(retry_log_test)

BOOST_FIXTURE_TEST_CASE(each_move_is_told_once, Told)
{
    start();
    Browser client = client_of_bad();
    bad.stop();
    allow_failed_connections();
    BOOST_TEST(client.get("/").member == "good");
    BOOST_TEST(httpd.log().count(moved_from(bad)) == 1);
    BOOST_TEST(moves() == 1);
}

BOOST_FIXTURE_TEST_CASE(where_nobody_is_left_none_is_told, Told)
{
    start("on=connect,reset\nProxySet maxattempts=5");
    Browser client = client_of_bad();
    bad.stop(), good.stop();
    allow_failed_connections();
    BOOST_TEST(client.get("/").status == 503);
    httpd.log().expect("SB4001");
    BOOST_TEST(httpd.log().count(moved_from(bad)) == 1);
    BOOST_TEST(moves() == 1);  // none from the second
}

BOOST_DATA_TEST_CASE(nor_where_the_client_may_not_be_moved, data::make(kMayNotBeMoved), line)
{
    Told told;
    told.start("on=connect,reset\n" + line);
    Browser client = told.client_of_bad();
    told.bad.stop();
    told.allow_failed_connections();
    BOOST_TEST(client.get("/").status >= 300);
    told.httpd.log().expect("SB4002");
    BOOST_TEST(told.moves() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
