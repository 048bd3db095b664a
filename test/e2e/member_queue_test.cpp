// SPDX-License-Identifier: Apache-2.0
//
// The queue of a member that has as many requests as maxconn allows: who waits, how long, and where
// those that wait go when the member does.
// Caught if: a bound client is sent elsewhere instead of waiting, a request of a client that has
// gone reaches the member, a wait has no end, or the clients of a dead member overrun another.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Queue : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &options, const std::string &words_of_b = "")
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "BalancerMember \"{a.url}\" route=a\n"
            "BalancerMember \"{b.url}\" route=b " +
            words_of_b + "\nStickyMember * maxconn=1 " + options +
            "\nStickyCookie insert\n</Proxy>\n" + kServerStatus +
            "ProxyPass \"/\" \"balancer://app/\"\n");
    }
    // A client asks, of `a` or a new one; the answer is in the place of the same number as the
    // client.
    void ask(const std::string &path, bool is_bound = true)
    {
        clients.push_back(std::make_unique<Browser>(new_browser()));
        if (is_bound)
            clients.back()->add_cookie("ROUTEID", ".a");
        answers.push_back(clients.back()->start_get(path));
    }
    // The only place of `a` is taken until "/slow" is released.
    void fill_a()
    {
        a.hold("/slow");
        ask("/slow");
        BOOST_REQUIRE(a.wait_held("/slow", 1));
    }
    // Until so many requests of this test have begun to wait for a place.
    void wait_for_waiting(int count) { httpd.log().expect_count("SB4004", count); }
    std::vector<std::string> paths_seen_by(const FakeMember &member)
    {
        std::vector<std::string> paths;
        for (const auto &request : member.requests())
            paths.push_back(request.path());
        return paths;
    }

    std::vector<std::unique_ptr<Browser>> clients;
    std::vector<PendingResponse> answers;
};

using Paths = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(member_queue_test)

BOOST_FIXTURE_TEST_CASE(bound_clients_wait_for_their_member_in_order, Queue)
{
    start("");
    fill_a();
    for (int i = 1; i <= 3; ++i) {
        ask("/queued-" + std::to_string(i));
        wait_for_waiting(i);
    }
    BOOST_TEST((paths_seen_by(a) == Paths{"/slow"}));
    a.release("/slow");
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto answer = answers[i].wait();
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.member == "a");
        BOOST_TEST(answer.set_cookies().empty());
    }
    BOOST_TEST((paths_seen_by(a) == Paths{"/slow", "/queued-1", "/queued-2", "/queued-3"}));
    BOOST_TEST(b.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(the_wait_is_logged_where_there_was_one, Queue)
{
    start("");
    fill_a();
    ask("/queued");
    wait_for_waiting(1);
    new_browser().get("/other");
    a.release("/slow");
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().status == 200);
    BOOST_TEST(logged(httpd, "/slow").at("queue_us") == "-");
    BOOST_TEST(logged(httpd, "/other").at("queue_us") == "-");
    const auto waited_us = logged(httpd, "/queued").at("queue_us");
    BOOST_REQUIRE(waited_us != "-");
    BOOST_TEST(std::stol(waited_us) > 0);
    BOOST_TEST(logged(httpd, "/queued").at("member") == "a");
}

BOOST_FIXTURE_TEST_CASE(a_wait_ends_at_queuetimeout, Queue)
{
    start("queuetimeout=1s");
    fill_a();
    ask("/queued");
    const auto answer = answers.back().wait();
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.set_cookies().empty());
    const auto line = logged(httpd, "/queued");
    BOOST_TEST(line.at("status") == "503");
    BOOST_REQUIRE(line.at("queue_us") != "-");
    BOOST_TEST(std::stol(line.at("queue_us")) >= 1'000'000);
    httpd.log().expect("SB4003");
    BOOST_TEST(httpd.log().count("SB4003") == 1);
    BOOST_TEST(!httpd.log().has("SB2101"));  // a member that is busy is not down
    a.release("/slow");
    BOOST_TEST(answers.front().wait().status == 200);
    BOOST_TEST((paths_seen_by(a) == Paths{"/slow"}));
    BOOST_TEST(clients.back()->get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(the_request_of_a_client_that_has_gone_is_dropped, Queue)
{
    start("");
    fill_a();
    {
        RawConnection gone(httpd.port());
        gone.send("GET /gone HTTP/1.1\r\nHost: localhost\r\nCookie: ROUTEID=.a\r\n\r\n");
        wait_for_waiting(1);
    }
    BOOST_TEST(wait_for_working(httpd, 1));  // while the place is still taken
    ask("/queued");
    wait_for_waiting(2);
    a.release("/slow");
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().status == 200);
    BOOST_TEST((paths_seen_by(a) == Paths{"/slow", "/queued"}));
    BOOST_TEST(b.requests().empty());
}

// One that has sent the end of its stream, or the next request already, still waits for the answer.
BOOST_FIXTURE_TEST_CASE(a_client_that_has_more_to_say_has_not_gone, Queue)
{
    start("");
    fill_a();
    RawConnection client(httpd.port());
    const std::string rest = " HTTP/1.1\r\nHost: localhost\r\nCookie: ROUTEID=.a\r\n\r\n";
    client.send("GET /first" + rest + "GET /second" + rest);
    wait_for_waiting(1);
    a.release("/slow");
    BOOST_TEST(client.read_response().status == 200);
    BOOST_TEST(client.read_response().status == 200);
    BOOST_TEST(answers.front().wait().status == 200);
    BOOST_TEST((paths_seen_by(a) == Paths{"/slow", "/first", "/second"}));
}

BOOST_FIXTURE_TEST_CASE(the_clients_of_a_dead_member_move_within_the_limits_of_others, Queue)
{
    start("\nStickyRetry on=connect");
    fill_a();
    for (int i = 0; i < 4; ++i)
        ask("/queued");
    wait_for_waiting(4);
    b.hold("/queued");
    a.stop();
    allow_failed_connections();
    for (const auto *id : {"AH01102", "AH00898", "AH01110"})  // of the request that it had
        httpd.log().allow(id);
    BOOST_REQUIRE(b.wait_held("/queued", 1));
    answers.front().wait();
    BOOST_TEST(wait_for_working(httpd, 4));
    BOOST_TEST((paths_seen_by(b) == Paths{"/queued"}));
    b.release("/queued");
    for (std::size_t i = 1; i < answers.size(); ++i) {
        const auto answer = answers[i].wait();
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.member == "b");
        BOOST_TEST(answer.set_cookie("ROUTEID") == "ROUTEID=.b; path=/; HttpOnly; SameSite=Lax");
    }
    BOOST_TEST(b.requests().size() == 4u);
}

// Reserves are for members that are down.
BOOST_FIXTURE_TEST_CASE(a_new_client_waits_rather_than_go_to_a_standby, Queue)
{
    start("", "status=+H");
    fill_a();
    ask("/queued", false);
    wait_for_waiting(1);
    a.release("/slow");
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().member == "a");
    BOOST_TEST(b.requests().empty());
    BOOST_TEST(logged(httpd, "/queued").at("cause") == "policy");
}

BOOST_FIXTURE_TEST_CASE(a_new_client_waits_rather_than_go_to_a_dead_member, Queue)
{
    start("");
    b.stop();
    allow_failed_connections();
    while (!httpd.log().has("AH00957"))
        BOOST_REQUIRE(new_browser().get("/").member == "a");
    fill_a();
    ask("/queued", false);
    wait_for_waiting(1);
    a.release("/slow");
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().member == "a");
    BOOST_TEST(httpd.log().count("AH00957") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
