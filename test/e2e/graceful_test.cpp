// SPDX-License-Identifier: Apache-2.0
//
// A graceful restart takes the new configuration, and leaves clients and the administrator's
// decisions where they are.
// Caught if: a changed route, weight or member is ignored until a full restart, a client is moved,
// or a member that was drained at run time gets new clients again.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct GracefulScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    // The lines of the members.
    static std::string site(const std::string &members)
    {
        return "<Proxy \"balancer://app\">\n" + members + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )";
    }
    const std::string line_a = "BalancerMember \"{a.url}\" route=a\n";
    const std::string line_b = "BalancerMember \"{b.url}\" route=b\n";
    const std::string line_c = "BalancerMember \"{c.url}\" route=c\n";

    void expect_new_clients(const Share &share)
    {
        int count = 0;
        for (const auto &[member, clients] : share)
            count += clients;
        BOOST_TEST((share_of_new_clients(*this, count) == share));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(graceful_test)

BOOST_FIXTURE_TEST_CASE(a_site_moves_from_one_member_to_two, GracefulScenario)
{
    start_httpd(site(line_a));
    Browser old = new_browser_on("a");
    httpd.rewrite_config(site(line_b + line_a));
    for (int i = 0; i < 6; ++i) {
        old.disconnect();  // else the old generation may answer once more
        const auto answer = old.get("/");
        BOOST_TEST(answer.member == "a");
        BOOST_TEST(answer.set_cookies().empty());
    }
    expect_new_clients({{"a", 4}, {"b", 4}});
}

BOOST_FIXTURE_TEST_CASE(routes_and_weights_are_live, GracefulScenario)
{
    start_httpd(site(line_a + line_b));
    Browser of_b = new_browser_on("b");
    httpd.rewrite_config(site("BalancerMember \"{a.url}\" route=one loadfactor=3\n" + line_b));
    expect_new_clients({{"a", 6}, {"b", 2}});
    BOOST_TEST(new_browser_on("a").cookie("ROUTEID") == ".one");
    BOOST_TEST(of_b.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(the_clients_of_a_member_that_is_gone_get_another, GracefulScenario)
{
    start_httpd(site(line_a + line_b));
    Browser of_a = new_browser_on("a"), of_b = new_browser_on("b");
    httpd.rewrite_config(site(line_c + line_a));
    of_a.disconnect();  // else the old generation may answer once more
    of_b.disconnect();
    BOOST_TEST(of_a.get("/").set_cookies().empty());
    const auto moved = of_b.get("/");
    BOOST_TEST(moved.status == 200);
    BOOST_TEST(of_b.cookie("ROUTEID") == "." + moved.member);
    of_b.disconnect();
    BOOST_TEST(of_b.get("/").member == moved.member);
    expect_new_clients({{"a", 3}, {"c", 3}});
}

BOOST_FIXTURE_TEST_CASE(a_drain_of_run_time_is_kept, GracefulScenario)
{
    start_httpd(site(line_a + line_b));
    Browser of_b = new_browser_on("b");
    httpd.drain("app", "b");
    httpd.graceful();
    httpd.log().expect("SB1005");
    expect_new_clients({{"a", 6}});
    BOOST_TEST(of_b.get("/").member == "b");

    httpd.rewrite_config(site(line_c + line_b + line_a));  // b is as it was
    expect_new_clients({{"a", 3}, {"c", 3}});
    BOOST_TEST(of_b.get("/").member == "b");

    httpd.undrain("app", "b");
    httpd.graceful();
    expect_new_clients({{"a", 2}, {"b", 2}, {"c", 2}});
}

BOOST_FIXTURE_TEST_CASE(so_is_a_disabled_member, GracefulScenario)
{
    start_httpd(site(line_a + line_b));
    httpd.balancer_manager("app", "b", {{"w_status_D", "1"}});
    httpd.graceful();
    httpd.graceful();
    expect_new_clients({{"a", 6}});
    BOOST_TEST(b.requests().empty());
    httpd.balancer_manager("app", "b", {{"w_status_D", "0"}});
    expect_new_clients({{"a", 3}, {"b", 3}});
}

BOOST_FIXTURE_TEST_CASE(a_full_restart_keeps_clients_where_they_are, GracefulScenario)
{
    start_httpd(site(line_a + line_b));
    Browser of_a = new_browser_on("a"), of_b = new_browser_on("b");
    const auto expect_nobody_moved = [&] {
        for (int i = 0; i < 3; ++i) {
            BOOST_TEST(of_a.get("/").member == "a");
            BOOST_TEST(of_b.get("/").member == "b");
        }
    };
    httpd.restart();
    expect_nobody_moved();
    httpd.stop();
    httpd.start_again();
    expect_nobody_moved();
    httpd.kill_all();
    httpd.start_again();
    expect_nobody_moved();
    expect_new_clients({{"a", 3}, {"b", 3}});
}

BOOST_FIXTURE_TEST_CASE(a_request_that_outlives_the_restart_is_finished, GracefulScenario)
{
    start_httpd(site(line_a + line_b));
    Browser of_b = new_browser_on("b");
    b.hold("/slow");
    auto answer = of_b.start_get("/slow");
    BOOST_REQUIRE(b.wait_held("/slow", 1));
    httpd.rewrite_config(site(line_a));
    BOOST_TEST(new_browser().get("/").member == "a");
    b.release("/slow");
    BOOST_TEST(answer.wait().member == "b");
    BOOST_TEST(of_b.get("/").member == "a");
}

BOOST_AUTO_TEST_SUITE_END()
