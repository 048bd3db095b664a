// SPDX-License-Identifier: Apache-2.0
//
// failback and nolearn of StickyMember: whether and when the clients of a standby go home, and whether
// it ever has clients of its own.
// Caught if: a client is sent back that should stay, or never, or in the middle of its work; a standby
// with nolearn binds a client; or a backup changes the cookie that it shares with its primary.
#include <boost/test/unit_test.hpp>

#include "test/e2e/standby_members.hpp"

using namespace stickybalancer::test;

namespace {

struct Failback : StandbyScenario {
    void start(const std::string &options) { start_with(options, "StickyCookie insert"); }
    // A client of `a` that is on the standby now because `a` takes nobody.
    Browser client_on_the_standby()
    {
        auto client = new_browser_on("a");
        disable_a(true);
        BOOST_TEST(client.get("/").member == "standby");
        return client;
    }
    static void expect(Browser &client, const std::string &member)
    {
        for (int i = 0; i < 4; ++i) {
            const auto answer = client.get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
};

const Share kAllOnA = {{"a", 6}}, kAllOnStandby = {{"standby", 6}};

}  // namespace

BOOST_AUTO_TEST_SUITE(failback_test)

BOOST_FIXTURE_TEST_CASE(by_default_clients_stay_where_they_went, Failback)
{
    start("");
    auto client = client_on_the_standby();
    BOOST_TEST(client.cookie("ROUTEID") == ".s");
    disable_a(false);
    BOOST_TEST((share_of_new_clients(*this, 6) == kAllOnA));
    expect(client, "standby");
}

BOOST_FIXTURE_TEST_CASE(never_holds_when_the_member_was_dead, Failback)
{
    start("failback=never");
    auto client = new_browser_on("a");
    a.stop();
    allow_failed_connections();
    BOOST_TEST(client.get("/").member == "standby");
    a.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return new_browser().get("/").member == "a"; }));
    BOOST_TEST((share_of_new_clients(*this, 6) == kAllOnA));
    expect(client, "standby");
}

BOOST_FIXTURE_TEST_CASE(immediate_sends_clients_home_at_their_next_request, Failback)
{
    start("failback=immediate");
    auto client = client_on_the_standby();
    expect(client, "standby");
    disable_a(false);
    const auto answer = client.get("/home");
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
    BOOST_TEST(logged(httpd, "/home").at("moved") == "1");
    expect(client, "a");
}

BOOST_FIXTURE_TEST_CASE(immediate_holds_when_the_member_was_dead, Failback)
{
    start("failback=immediate");
    auto client = new_browser_on("a");
    a.stop();
    allow_failed_connections();
    BOOST_TEST(client.get("/").member == "standby");
    a.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return client.get("/").member == "a"; }));
    expect(client, "a");
}

BOOST_FIXTURE_TEST_CASE(idle_sends_a_client_home_when_it_has_paused, Failback)
{
    start("failback=idle:4s");
    auto client = client_on_the_standby();
    disable_a(false);
    // Busy for longer than the pause that would send it home.
    auto last = Clock::now();
    for (const auto end = last + std::chrono::seconds(6); Clock::now() < end;) {
        const auto answer = client.get("/");
        const bool was_in_time = Clock::now() - last < std::chrono::seconds(3);
        BOOST_REQUIRE((answer.member == "standby" || !was_in_time));
        last = Clock::now();
    }
    client.disconnect();
    const auto pause = last + std::chrono::seconds(6);
    wait_until(pause, [&] { return false; });
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_standby_that_does_not_learn_has_no_clients_of_its_own, Failback)
{
    start("nolearn");
    auto client = client_on_the_standby();
    expect(client, "standby");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
    auto later = new_browser();
    expect(later, "standby");
    BOOST_TEST(later.cookie("ROUTEID").empty());
    disable_a(false);
    expect(client, "a");
    BOOST_TEST(later.get("/").set_cookie("ROUTEID") ==
               "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax");
}

BOOST_FIXTURE_TEST_CASE(at_the_start_only_the_standby_is_there, Failback)
{
    a.stop();
    start("");
    allow_failed_connections();
    BOOST_TEST((share_of_new_clients(*this, 6) == kAllOnStandby));
    a.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return new_browser().get("/").member == "a"; }));
    BOOST_TEST((share_of_new_clients(*this, 6) == kAllOnA));
}

// Two servers, each with a backup that has its route.
BOOST_FIXTURE_TEST_CASE(each_backup_serves_the_clients_of_its_own_primary, Scenario)
{
    auto a = start_member("a"), b = start_member("b");
    start_member("backup_of_a"), start_member("backup_of_b");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=1 retry=1
            BalancerMember "{b.url}" route=2 retry=1
            BalancerMember "{backup_of_a.url}" route=1 status=+H
            BalancerMember "{backup_of_b.url}" route=2 status=+H
            StickyMember 1:2 nolearn
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    const auto expect = [&](const std::string &route, const std::string &member) {
        auto client = new_browser();
        client.add_cookie("ROUTEID", "." + route);
        for (int i = 0; i < 4; ++i) {
            const auto answer = client.get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    };
    a.stop();
    allow_failed_connections();
    expect("1", "backup_of_a");
    expect("2", "b");
    const Share all_on_b = {{"b", 6}};
    BOOST_TEST((share_of_new_clients(*this, 6) == all_on_b));
    a.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return new_browser().get("/").member == "a"; }));
    expect("1", "a");
    b.stop();
    expect("2", "backup_of_b");
    expect("1", "a");
}

BOOST_AUTO_TEST_SUITE_END()
