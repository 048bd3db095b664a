// SPDX-License-Identifier: Apache-2.0
//
// maxconn, minconn and maxqueue of StickyMember: how many requests a member has at one time, from
// all children of httpd together.
// Caught if: a member gets one request more than it may have, a place is lost when its request or
// its child ends, a wake-up is lost, or a limit does not grow with the load.
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

// The most requests that a member had at one time. Each lasts until another one has come, or for a while.
class Meter {
public:
    void watch(FakeMember &member)
    {
        member.on("*", [this](const Request &) {
            const int now = ++active_;
            for (int most = most_; now > most && !most_.compare_exchange_weak(most, now);) {
            }
            wait_until(Clock::now() + std::chrono::milliseconds(50),
                       [this] { return active_ > 1; });
            --active_;
            return Answer{};
        });
    }
    int most() const { return most_; }

private:
    std::atomic<int> active_ = 0, most_ = 0;
};

struct Limits : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines, bool with_b = true)
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "BalancerMember \"{a.url}\" route=a retry=1\n" +
            (with_b ? std::string("BalancerMember \"{b.url}\" route=b retry=1\n") : "") + lines +
            "\nStickyCookie insert\n</Proxy>\n" + kServerStatus +
            "ProxyPass \"/\" \"balancer://app/\"\n");
    }
    Browser bound_to(const std::string &member)
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", "." + member);
        return client;
    }
    // So many clients of `a` that ask for the path now.
    void ask(int count, const std::string &path)
    {
        for (int i = 0; i < count; ++i)
            clients.push_back(std::make_unique<Browser>(bound_to("a")));
        for (auto client = clients.end() - count; client != clients.end(); ++client)
            answers.push_back((*client)->start_get(path));
    }
    void expect_all_answered()
    {
        for (auto &answer : answers)
            BOOST_TEST(answer.wait().status == 200);
        answers.clear();
    }
    int seen(const FakeMember &member, const std::string &path)
    {
        int count = 0;
        for (const auto &request : member.requests())
            count += request.path() == path;
        return count;
    }

    std::vector<std::unique_ptr<Browser>> clients;
    std::vector<PendingResponse> answers;
};

// Connections that are kept, by the child that has them.
struct Places : Limits {
    std::vector<RawConnection> victims, others;
    std::set<pid_t> victim_children;

    static std::string request(const std::string &path)
    {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nCookie: ROUTEID=.a\r\n\r\n";
    }

    // Two victims, of one child where a child can have two; two others of other children.
    void find_children()
    {
        const std::size_t children = tested_mpm() == "prefork" ? 2 : 1;
        for (int i = 0; i < 200 && (victims.size() < 2 || others.size() < 2); ++i) {
            RawConnection client(httpd.port());
            const auto uri = "/who-" + std::to_string(i);
            client.send(request(uri));
            client.read_response();
            const auto pid = static_cast<pid_t>(std::stol(logged(httpd, uri).at("pid")));
            const bool is_victim = victim_children.count(pid) || victim_children.size() < children;
            if (is_victim)
                victim_children.insert(pid);
            auto &clients_of_kind = is_victim ? victims : others;
            if (clients_of_kind.size() < 2)
                clients_of_kind.push_back(std::move(client));
        }
        BOOST_REQUIRE(victims.size() == 2u);
        BOOST_REQUIRE(others.size() == 2u);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(member_limits_test)

BOOST_FIXTURE_TEST_CASE(never_a_third_request_where_two_are_allowed, Limits)
{
    Meter of_a, of_b;
    of_a.watch(a);
    of_b.watch(b);
    start("StickyMember * maxconn=2");
    std::atomic<int> answered_badly = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&, is_bound = i % 2 == 0] {
            for (int n = 0; n < 20; ++n)
                answered_badly += (is_bound ? bound_to("a") : new_browser()).get("/").status != 200;
        });
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST(answered_badly == 0);
    BOOST_TEST(of_a.most() == 2);
    BOOST_TEST(of_b.most() <= 2);
    std::set<std::string> children;
    for (const auto &line : httpd.access_log().wait_for(320))
        children.insert(line.at("pid"));
    BOOST_TEST(children.size() > 1u);
    BOOST_TEST(wait_for_busy(httpd, a.url(), "0"));
    BOOST_TEST(wait_for_busy(httpd, b.url(), "0"));
}

BOOST_FIXTURE_TEST_CASE(new_clients_go_to_a_member_with_a_place, Limits)
{
    start("StickyMember a maxconn=1");
    a.hold("/slow");
    ask(1, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    const Share all_on_b = {{"b", 8}};
    BOOST_TEST((share_of_new_clients(*this, 8) == all_on_b));
    a.release("/slow");
    expect_all_answered();
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_sends_its_clients_elsewhere, Limits)
{
    start("StickyMember a maxconn=1 maxqueue=1");
    a.hold("/slow");
    ask(1, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    ask(1, "/queued");
    httpd.log().expect("SB4004");
    auto third = bound_to("a");
    const auto answer = third.get("/third");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(seen(a, "/queued") == 0);
    a.release("/slow");
    for (auto &pending : answers)
        BOOST_TEST(pending.wait().member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_and_nobody_else_is_answered_503, Limits)
{
    start("StickyMember a maxconn=1 maxqueue=1", false);
    a.hold("/slow");
    ask(1, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    ask(1, "/queued");
    httpd.log().expect("SB4004");
    BOOST_TEST(bound_to("a").get("/third").status == 503);
    BOOST_TEST(new_browser().get("/third").status == 503);
    BOOST_TEST(seen(a, "/third") == 0);
    a.release("/slow");
    expect_all_answered();
    BOOST_TEST(new_browser().get("/").status == 200);
    httpd.log().expect("SB4001");  // once a second at most
}

BOOST_FIXTURE_TEST_CASE(the_limit_grows_with_the_load, Limits)
{
    start("StickyMember * minconn=1 maxconn=4");
    a.hold("/slow");
    ask(2, "/slow");  // of 8: a quarter, so 1 of 4
    httpd.log().expect("SB4004");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    BOOST_TEST(seen(a, "/slow") == 1);
    ask(6, "/slow");
    BOOST_TEST(a.wait_held("/slow", 4));
    BOOST_TEST(wait_for_working(httpd, 8));
    BOOST_TEST(seen(a, "/slow") == 4);
    a.release("/slow");
    expect_all_answered();
    BOOST_TEST(b.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(places_of_a_killed_child_are_free_again, Places)
{
    start("StickyMember * maxconn=2");
    find_children();
    a.hold("/slow");
    for (auto &client : victims)
        client.send(request("/slow"));
    BOOST_REQUIRE(a.wait_held("/slow", 2));
    for (auto &client : others)
        client.send(request("/next"));
    httpd.log().expect_count("SB4004", 2);
    BOOST_TEST(seen(a, "/next") == 0);
    for (const auto pid : victim_children)
        ::kill(pid, SIGKILL);
    for (auto &client : others)
        BOOST_TEST(client.read_response().member == "a");
    for (auto &client : victims)
        BOOST_TEST(client.is_closed_by_peer());

    // Two places, neither more nor fewer.
    a.hold("/again");
    ask(4, "/again");
    BOOST_TEST(a.wait_held("/again", 2));
    httpd.log().expect_count("SB4004", 4);
    BOOST_TEST(seen(a, "/again") == 2);
    a.release("/again");
    expect_all_answered();
    a.release("/slow");
}

BOOST_AUTO_TEST_SUITE_END()
