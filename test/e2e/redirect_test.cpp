// SPDX-License-Identifier: Apache-2.0
//
// redirect=ROUTE of a member: where its clients go when it cannot serve.
// Caught if: they go there while it can, go elsewhere when it cannot, their cookie stays behind, or the log does not say
// that they were moved.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct RedirectScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    void start(const std::string &redirect)
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "BalancerMember \"{a.url}\" route=a redirect=" +
            redirect + "\n" + R"(
                BalancerMember "{b.url}" route=b
                BalancerMember "{c.url}" route=c
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    Browser client_of_a()
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", ".a");
        return client;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(redirect_test)

BOOST_FIXTURE_TEST_CASE(a_usable_member_serves_its_clients_and_new_ones, RedirectScenario)
{
    start("c");
    BOOST_TEST(client_of_a().get("/").member == "a");
    const Share even = {{"a", 2}, {"b", 2}, {"c", 2}};
    BOOST_TEST((share_of_new_clients(*this, 6) == even));
}

BOOST_FIXTURE_TEST_CASE(the_clients_of_a_disabled_member_go_to_its_redirect, RedirectScenario)
{
    start("c");
    httpd.balancer_manager("app", "a", {{"w_status_D", "1"}});
    for (int i = 0; i < 4; ++i) {
        auto client = client_of_a();
        const auto uri = "/" + std::to_string(i);
        BOOST_TEST(client.get(uri).member == "c");
        BOOST_TEST(client.cookie("ROUTEID") == ".c");
        const auto line = logged(httpd, uri);
        BOOST_TEST(line.at("cause") == "redispatch");
        BOOST_TEST(line.at("state") == "DI");
        BOOST_TEST(line.at("moved") == "1");
        BOOST_TEST(client.get("/").set_cookies().empty());
    }
    const Share even = {{"b", 3}, {"c", 3}};
    BOOST_TEST((share_of_new_clients(*this, 6) == even));
}

BOOST_FIXTURE_TEST_CASE(so_do_those_of_a_dead_member, RedirectScenario)
{
    start("c");
    a.stop();
    allow_failed_connections();
    for (int i = 0; i < 4; ++i) {
        auto client = client_of_a();
        const auto answer = client.get("/");
        BOOST_TEST(answer.member == "c");
        BOOST_TEST(answer.set_cookies().size() == 1u);
        BOOST_TEST(client.cookie("ROUTEID") == ".c");
    }
}

BOOST_FIXTURE_TEST_CASE(an_unusable_redirect_is_no_dead_end, RedirectScenario)
{
    start("c");
    for (const auto *member : {"a", "c"})
        httpd.balancer_manager("app", member, {{"w_status_D", "1"}});
    auto client = client_of_a();
    BOOST_TEST(client.get("/").member == "b");
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
}

BOOST_FIXTURE_TEST_CASE(members_that_redirect_to_themselves_or_nobody_harm_nothing,
                        RedirectScenario)
{
    start("a");
    httpd.balancer_manager("app", "a", {{"w_status_D", "1"}});
    BOOST_TEST(client_of_a().get("/").status == 200);
    httpd.balancer_manager("app", "a", {{"w_rr", "nobody"}});
    BOOST_TEST(client_of_a().get("/").status == 200);
}

BOOST_FIXTURE_TEST_CASE(the_manager_sets_a_redirect_at_once, RedirectScenario)
{
    start("c");
    httpd.balancer_manager("app", "a", {{"w_rr", "b"}, {"w_status_D", "1"}});
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(client_of_a().get("/").member == "b");
}

BOOST_AUTO_TEST_SUITE_END()
