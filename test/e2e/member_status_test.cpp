// SPDX-License-Identifier: Apache-2.0
//
// status=+D, +S, +N, +I of a BalancerMember, from the start and through balancer-manager.
// Caught if: a disabled or stopped member gets a request, its clients are not given to others, a
// draining one loses its clients or gets new ones, or one that ignores errors is given up.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const Share kAllOnA = {{"a", 6}};
const Share kBoth = {{"a", 3}, {"b", 3}};

struct StatusScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &words_of_b)
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "    BalancerMember \"{a.url}\" route=a\n"
            "    BalancerMember \"{b.url}\" route=b " +
            words_of_b + "\n" + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    // Somebody who was on b before.
    Browser old_client_of_b()
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", ".b");
        return client;
    }
    void expect_b_out_of_service(const std::string &letter)
    {
        b.forget_requests();
        BOOST_TEST((share_of_new_clients(*this, 6) == kAllOnA));
        auto old = old_client_of_b();
        const auto moved = old.get("/");
        BOOST_TEST(moved.member == "a");
        BOOST_TEST(moved.set_cookie("ROUTEID") == "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax");
        BOOST_TEST(old.get("/").set_cookies().empty());
        BOOST_TEST(b.requests().empty());

        httpd.balancer_manager("app", "b", {{"w_status_" + letter, "0"}});
        BOOST_TEST((share_of_new_clients(*this, 6) == kBoth));
        BOOST_TEST(old_client_of_b().get("/").member == "b");
        BOOST_TEST(old.get("/").member == "a");
    }
    void expect_b_draining()
    {
        BOOST_TEST((share_of_new_clients(*this, 6) == kAllOnA));
        auto kept = old_client_of_b();
        for (int i = 0; i < 4; ++i) {
            const auto answer = kept.get("/");
            BOOST_TEST(answer.member == "b");
            BOOST_TEST(answer.set_cookies().empty());
        }
        httpd.undrain("app", "b");
        BOOST_TEST((share_of_new_clients(*this, 6) == kBoth));
        BOOST_TEST(kept.get("/").member == "b");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(member_status_test)

BOOST_FIXTURE_TEST_CASE(disabled_from_the_start, StatusScenario)
{
    start("status=+D");
    expect_b_out_of_service("D");
}

BOOST_FIXTURE_TEST_CASE(disabled_by_the_manager, StatusScenario)
{
    start("");
    httpd.balancer_manager("app", "b", {{"w_status_D", "1"}});
    expect_b_out_of_service("D");
}

BOOST_FIXTURE_TEST_CASE(stopped_from_the_start, StatusScenario)
{
    start("status=+S");
    expect_b_out_of_service("S");
}

BOOST_FIXTURE_TEST_CASE(stopped_by_the_manager, StatusScenario)
{
    start("");
    httpd.balancer_manager("app", "b", {{"w_status_S", "1"}});
    expect_b_out_of_service("S");
}

BOOST_FIXTURE_TEST_CASE(draining_from_the_start, StatusScenario)
{
    start("status=+N");
    expect_b_draining();
}

BOOST_FIXTURE_TEST_CASE(draining_by_the_manager, StatusScenario)
{
    start("");
    httpd.drain("app", "b");
    expect_b_draining();
}

BOOST_FIXTURE_TEST_CASE(a_draining_member_that_fails_gives_its_clients_away, StatusScenario)
{
    start("status=+N");
    auto client = old_client_of_b();
    b.stop();
    allow_failed_connections();
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
}

BOOST_FIXTURE_TEST_CASE(errors_are_ignored, StatusScenario)
{
    start("status=+I");
    auto client = old_client_of_b();
    b.stop();
    allow_failed_connections();
    for (int i = 0; i < 2; ++i) {
        client.add_cookie("ROUTEID", ".b");
        BOOST_TEST(client.get("/").member == "a");
    }
    BOOST_TEST(httpd.log().count("AH00957") >= 2);  // it is asked each time
    client.add_cookie("ROUTEID", ".b");
    b.start_again();
    BOOST_TEST(client.get("/").member == "b");  // without waiting for retry=
}

BOOST_AUTO_TEST_SUITE_END()
