// SPDX-License-Identifier: Apache-2.0
//
// `Busy` of balancer-manager is the number of requests that a member has now: lbmethods and
// administrators rely on it.
// Caught if: an attempt that failed over stays counted on the dead member while another one
// answers, or a request is still counted when it is over, however it ended.
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct BusyScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    BusyScenario()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a upgrade=websocket
                BalancerMember "{b.url}" route=b upgrade=websocket
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    bool is_busy(const FakeMember &member, int count)
    {
        return wait_for_busy(httpd, member.url(), std::to_string(count));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(busy_count_test)

BOOST_FIXTURE_TEST_CASE(a_failed_attempt_is_not_counted_while_another_member_answers, BusyScenario)
{
    Browser client = new_browser_on("b");
    b.stop();
    allow_failed_connections();
    a.hold("/slow");
    auto answer = client.start_get("/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    BOOST_TEST(httpd.log().count("AH00957") == 1);
    BOOST_TEST(shown_member(httpd, a.url()).at("busy") == "1");
    BOOST_TEST(shown_member(httpd, b.url()).at("busy") == "0");
    a.release("/slow");
    BOOST_TEST(answer.wait().status == 200);
    BOOST_TEST(is_busy(a, 0));
    BOOST_TEST(is_busy(b, 0));
}

BOOST_FIXTURE_TEST_CASE(each_member_counts_its_own_requests, BusyScenario)
{
    std::vector<Browser> clients;
    for (const auto *member : {"a", "a", "a", "b"})
        clients.push_back(new_browser_on(member));
    a.hold("/slow");
    b.hold("/slow");
    std::vector<PendingResponse> answers;
    for (auto &client : clients)
        answers.push_back(client.start_get("/slow"));
    BOOST_REQUIRE(a.wait_held("/slow", 3));
    BOOST_REQUIRE(b.wait_held("/slow", 1));
    BOOST_TEST(shown_member(httpd, a.url()).at("busy") == "3");
    BOOST_TEST(shown_member(httpd, b.url()).at("busy") == "1");
    a.release("/slow");
    b.release("/slow");
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().status == 200);
    BOOST_TEST(is_busy(a, 0));
    BOOST_TEST(is_busy(b, 0));
}

BOOST_FIXTURE_TEST_CASE(requests_that_end_badly_end, BusyScenario)
{
    for (auto *member : {&a, &b}) {
        member->on("/reset", Answer{.ending = Ending::kResetUnanswered});
        member->on("/half", Answer{.body = std::string(1000, 'x'), .ending = Ending::kCloseInBody});
        member->hold("/slow");
    }
    Browser client = new_browser_on("a");
    client.get("/reset");
    client.get("/half");
    {
        Browser gone = new_browser_on("a");
        const auto given_up = gone.start_get("/slow");
        BOOST_REQUIRE(a.wait_held("/slow", 1));
    }
    a.release("/slow");
    b.stop();
    a.stop();
    client.get("/");
    allow_failed_connections();
    for (const auto *id : {"AH01102", "AH00898", "AH01110", "SB4001"})
        httpd.log().allow(id);
    BOOST_TEST(is_busy(a, 0));
    BOOST_TEST(is_busy(b, 0));
}

BOOST_FIXTURE_TEST_CASE(a_websocket_is_counted_as_long_as_it_is_open, BusyScenario)
{
    {
        WebsocketClient socket(httpd.port(), "/socket", {{"Cookie", "ROUTEID=.b"}});
        BOOST_REQUIRE(socket.handshake().status == 101);
        BOOST_TEST(socket.ask("hello") == "hello");
        BOOST_TEST(shown_member(httpd, b.url()).at("busy") == "1");
    }
    BOOST_TEST(is_busy(b, 0));
}

BOOST_FIXTURE_TEST_CASE(the_counts_return_to_zero_after_many_clients_at_once, BusyScenario)
{
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i)
        threads.emplace_back([&] {
            Browser client = new_browser();
            for (int n = 0; n < 200; ++n)
                failed += client.get("/").status != 200;
        });
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST(failed == 0);
    BOOST_TEST(is_busy(a, 0));
    BOOST_TEST(is_busy(b, 0));
}

BOOST_AUTO_TEST_SUITE_END()
