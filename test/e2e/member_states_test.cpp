// SPDX-License-Identifier: Apache-2.0
//
// Members that go down and come back: what the log says of it, and slowstart of StickyMember.
// Caught if: each child or request says it again, a return is not told, or a member that has just
// returned gets its full share at once, or never.
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct States : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines = "", const std::string &behind = "")
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a retry=1
                BalancerMember "{b.url}" route=b retry=1
                StickyCookie insert
        )" + lines + R"(
            </Proxy>
        )" + behind +
                    R"(
            ProxyPass "/" "balancer://app/"
        )");
        allow_failed_connections();
    }
    Browser bound_to_b()
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", ".b");
        return client;
    }
    // Clients of b at one time, with a connection for each request; says how many had an answer
    // from `member`.
    int ask_from_many(const std::string &member)
    {
        std::atomic<int> answered = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 10; ++n)
                    answered += bound_to_b().get("/").member == member;
            });
        for (auto &thread : threads)
            thread.join();
        return answered;
    }
    void take_b_down_and_up()
    {
        b.stop();
        BOOST_TEST(bound_to_b().get("/").member == "a");
        b.start_again();
        BOOST_REQUIRE(wait_until(within(std::chrono::seconds(20)),
                                 [&] { return bound_to_b().get("/").member == "b"; }));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(member_states_test)

BOOST_FIXTURE_TEST_CASE(down_and_up_are_told_once_each, States)
{
    start();
    for (int i = 1; i <= 2; ++i) {
        b.stop();
        BOOST_TEST(ask_from_many("a") == 80);
        // Beyond retry=, so that it has been tried again meanwhile.
        const auto tried = [&] { return httpd.log().count("AH00957") >= 4 * i; };
        BOOST_TEST(wait_until(within(std::chrono::seconds(20)), [&] {
            BOOST_TEST(bound_to_b().get("/").member == "a");
            return tried();
        }));
        BOOST_TEST(httpd.log().count("SB2101") == i);
        BOOST_TEST(httpd.log().count("SB2102") == i - 1);

        b.start_again();
        BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                              [&] { return bound_to_b().get("/").member == "b"; }));
        BOOST_TEST(ask_from_many("b") == 80);
        BOOST_TEST(httpd.log().count("SB2101") == i);
        BOOST_TEST(httpd.log().count("SB2102") == i);
    }
    for (const auto &line : httpd.log().lines())
        if (line.find("SB210") != std::string::npos)
            BOOST_TEST(line.find("balancer://app") != std::string::npos, line);
}

// mod_proxy forgets who had failed, and nobody knows yet whether it is back.
BOOST_FIXTURE_TEST_CASE(a_restart_brings_nobody_back, States)
{
    start("", kServerStatus);
    const auto shows = [&](const std::string &line) {
        return new_browser().get("/server-status?auto").body.find(line + '\n') != std::string::npos;
    };
    b.stop();
    BOOST_TEST(bound_to_b().get("/").member == "a");
    BOOST_TEST(shows("Member[1]Actual: down"));
    httpd.graceful();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return shows("Member[1]Actual: checking"); }));
    BOOST_TEST(!httpd.log().has("SB2102"));
    b.start_again();
    BOOST_TEST(bound_to_b().get("/").member == "b");
    BOOST_TEST(shows("Member[1]Actual: up"));
    BOOST_TEST(httpd.log().count("SB2102") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_member_that_never_failed_is_not_told_of, States)
{
    start();
    BOOST_TEST(ask_from_many("b") == 80);
    BOOST_TEST(!httpd.log().has("SB2101"));
    BOOST_TEST(!httpd.log().has("SB2102"));
}

BOOST_FIXTURE_TEST_CASE(a_member_that_is_back_gets_few_new_clients_at_first, States)
{
    start("StickyMember b slowstart=10min");
    take_b_down_and_up();
    auto share = share_of_new_clients(*this, 40);
    BOOST_TEST(share["b"] <= 8);
    BOOST_TEST(share["a"] + share["b"] == 40);
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(bound_to_b().get("/").member == "b");  // its own clients are its own at once
}

BOOST_FIXTURE_TEST_CASE(its_share_grows_until_it_is_whole, States)
{
    start("StickyMember b slowstart=3s");
    take_b_down_and_up();
    const Share even = {{"a", 5}, {"b", 5}};
    // Nearly whole may look even by chance, five times running it does not.
    BOOST_TEST(wait_until(within(std::chrono::seconds(30)), [&] {
        for (int i = 0; i < 5; ++i)
            if (share_of_new_clients(*this, 10) != even)
                return false;
        return true;
    }));
}

BOOST_FIXTURE_TEST_CASE(nobody_starts_slowly_when_httpd_starts, States)
{
    start("StickyMember * slowstart=10min");
    const Share even = {{"a", 5}, {"b", 5}};
    BOOST_TEST((share_of_new_clients(*this, 10) == even));
}

BOOST_AUTO_TEST_SUITE_END()
