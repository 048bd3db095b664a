// SPDX-License-Identifier: Apache-2.0
//
// Several balancers in one server: by path, with cookies of their own, with different persistence
// and methods, ours beside those of mod_proxy_balancer.
// Caught if: two balancers share or overwrite a cookie, one disturbs another, or a balancer that is
// not ours is touched at all.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Several : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    FakeMember c = start_member("c"), d = start_member("d");

    Several()
    {
        start_httpd(R"(
            <Proxy "balancer://ours">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert name=OURS path=/ours
            </Proxy>
            <Proxy "balancer://second">
                BalancerMember "{c.url}" route=1
                BalancerMember "{d.url}" route=2
                ProxySet lbmethod=byrequests
                StickyCookie insert name=SECOND
            </Proxy>
            <Proxy "balancer://passive">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie passive name=APPID
            </Proxy>
            <Proxy "balancer://stock">
                BalancerMember "{c.url}" route=c
                BalancerMember "{d.url}" route=d
                ProxySet stickysession=STOCK
            </Proxy>
            <Proxy "balancer://loose">
                BalancerMember "{a.url}"
                BalancerMember "{b.url}"
            </Proxy>
            <Location "/stock/">
                Header add Set-Cookie "STOCK=.%{BALANCER_WORKER_ROUTE}e; path=/" \
                    env=BALANCER_ROUTE_CHANGED
            </Location>
            ProxyPass "/ours/" "balancer://ours/"
            ProxyPass "/second/" "balancer://second/"
            ProxyPass "/passive/" "balancer://passive/"
            ProxyPass "/stock/" "balancer://stock/"
            ProxyPass "/loose/" "balancer://loose/"
        )");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(several_balancers_test)

BOOST_FIXTURE_TEST_CASE(their_cookies_live_side_by_side, Several)
{
    Browser client = new_browser();
    const auto ours = client.get("/ours/"), second = client.get("/second/"),
               stock = client.get("/stock/");
    BOOST_TEST(ours.set_cookies().size() == 1u);
    BOOST_TEST(ours.set_cookie("OURS") ==
               "OURS=." + ours.member + "; path=/ours; HttpOnly; SameSite=Lax");
    BOOST_TEST(second.set_cookies().size() == 1u);
    BOOST_TEST(second.set_cookie("SECOND") == std::string("SECOND=.") +
                                                  (second.member == "c" ? "1" : "2") +
                                                  "; path=/; HttpOnly; SameSite=Lax");
    BOOST_TEST(stock.set_cookies().size() == 1u);
    BOOST_TEST(stock.set_cookie("STOCK") == "STOCK=." + stock.member + "; path=/");
    for (int i = 0; i < 6; ++i) {
        BOOST_TEST(client.get("/ours/").member == ours.member);
        BOOST_TEST(client.get("/second/").member == second.member);
        BOOST_TEST(client.get("/stock/").member == stock.member);
    }
}

BOOST_FIXTURE_TEST_CASE(a_balancer_of_mod_proxy_balancer_keeps_working, Several)
{
    Browser client = new_browser();
    client.add_cookie("STOCK", ".d");
    BOOST_TEST(client.get("/stock/once").member == "d");
    const auto line = logged(httpd, "/stock/once");
    BOOST_TEST(line.at("route") == "d");
    BOOST_TEST(line.at("cause") == "-");
    BOOST_TEST(line.at("attempts") == "-");

    d.stop();
    allow_failed_connections();
    const auto moved = client.get("/stock/");
    BOOST_TEST(moved.member == "c");
    BOOST_TEST(moved.set_cookie("STOCK") == "STOCK=.c; path=/");
}

BOOST_FIXTURE_TEST_CASE(a_passive_one_only_reads, Several)
{
    Browser client = new_browser();
    BOOST_TEST(client.get("/passive/").set_cookies().empty());
    client.add_cookie("APPID", "session.b");
    for (int i = 0; i < 4; ++i) {
        const auto answer = client.get("/passive/");
        BOOST_TEST(answer.member == "b");
        BOOST_TEST(answer.set_cookies().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(one_without_persistence_spreads_one_client, Several)
{
    Browser client = new_browser();
    Share share;
    for (int i = 0; i < 8; ++i) {
        const auto answer = client.get("/loose/");
        BOOST_TEST(answer.set_cookies().empty());
        ++share[answer.member];
    }
    const Share even = {{"a", 4}, {"b", 4}};
    BOOST_TEST((share == even));
}

BOOST_FIXTURE_TEST_CASE(what_is_not_mapped_reaches_nobody, Several)
{
    BOOST_TEST(new_browser().get("/nowhere").status == 404);
    for (const auto *member : {&a, &b, &c, &d})
        BOOST_TEST(member->requests().empty());
    BOOST_CHECK_THROW(RawConnection(httpd.port("undeclared")), std::exception);
}

BOOST_FIXTURE_TEST_CASE(the_balancers_do_not_share_a_round, Several)
{
    Share share;
    for (int i = 0; i < 6; ++i) {
        ++share[new_browser().get("/ours/").member];
        ++share[new_browser().get("/second/").member];
    }
    const Share even = {{"a", 3}, {"b", 3}, {"c", 3}, {"d", 3}};
    BOOST_TEST((share == even));
}

BOOST_AUTO_TEST_SUITE_END()
