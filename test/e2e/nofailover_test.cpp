// SPDX-License-Identifier: Apache-2.0
//
// nofailover=On: a bound client's request is not given to another member; who is not bound goes
// where there is a member.
// Caught if: a bound client is moved all the same, loses its cookie, or new clients suffer too.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct NoFailover : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    Browser client = start();

    Browser start()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b retry=1
                ProxySet nofailover=On
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
        return new_browser_on("b");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(nofailover_test)

BOOST_FIXTURE_TEST_CASE(a_bound_client_gets_503_and_keeps_its_cookie, NoFailover)
{
    b.stop();
    allow_failed_connections();
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.get("/");
        BOOST_TEST(answer.status == 503);
        BOOST_TEST(answer.set_cookies().empty());
    }
    httpd.log().expect("SB4002");
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
    BOOST_TEST(a.requests().size() < 4u);  // of new_browser_on only

    b.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return client.get("/").status == 200; }));
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(new_clients_are_served, NoFailover)
{
    b.stop();
    allow_failed_connections();
    const Share all_on_a = {{"a", 6}};
    BOOST_TEST((share_of_new_clients(*this, 6) == all_on_a));
}

BOOST_FIXTURE_TEST_CASE(a_route_that_is_unknown_binds_nobody, NoFailover)
{
    Browser stranger = new_browser();
    stranger.send_raw_cookies("ROUTEID=.gone");
    BOOST_TEST(stranger.get("/").status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_disabled_member_keeps_its_clients_waiting, NoFailover)
{
    httpd.balancer_manager("app", "b", {{"w_status_D", "1"}});
    BOOST_TEST(client.get("/").status == 503);
    httpd.log().expect("SB4002");
    httpd.balancer_manager("app", "b", {{"w_status_D", "0"}});
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(the_manager_allows_failover_at_once, NoFailover)
{
    httpd.balancer_manager("app", "b", {{"w_status_D", "1"}});
    httpd.balancer_manager("app", "", {{"b_sforce", "0"}});
    const auto answer = client.get("/");
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
}

BOOST_AUTO_TEST_SUITE_END()
