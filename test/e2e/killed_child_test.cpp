// SPDX-License-Identifier: Apache-2.0
//
// A child process of httpd is killed while it serves: the others go on, a new one takes its place,
// and clients stay where they are.
// Caught if: a dead child takes a lock or the shared state of the balancer with it.
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct KilledChild : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    KilledChild()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    // And waits until httpd has noticed: it says nothing of it in the log.
    void kill_children(const std::vector<pid_t> &pids)
    {
        for (const auto pid : pids)
            ::kill(pid, SIGKILL);
        BOOST_TEST(wait_until(within(std::chrono::seconds(10)), [&] {
            const auto children = httpd.children();
            return std::find_first_of(children.begin(), children.end(), pids.begin(), pids.end()) ==
                   children.end();
        }));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(killed_child_test)

BOOST_FIXTURE_TEST_CASE(the_others_go_on_and_cookies_are_honoured, KilledChild)
{
    Browser of_a = new_browser_on("a"), of_b = new_browser_on("b");
    Browser victim = new_browser_on("b");
    b.hold("/slow");
    auto answer = victim.start_get("/slow");
    BOOST_REQUIRE(b.wait_held("/slow", 1));
    kill_children({httpd.children().front()});
    for (int i = 0; i < 6; ++i) {
        of_a.disconnect();
        of_b.disconnect();
        BOOST_TEST(of_a.get("/").member == "a");
        BOOST_TEST(of_b.get("/").member == "b");
    }
    b.release("/slow");
    answer.wait();  // its child may be dead
    const Share even = {{"a", 4}, {"b", 4}};
    BOOST_TEST((share_of_new_clients(*this, 8) == even));
}

BOOST_FIXTURE_TEST_CASE(all_children_can_die_and_new_ones_know_the_state, KilledChild)
{
    httpd.drain("app", "b");
    kill_children(httpd.children());
    BOOST_REQUIRE(wait_until(within(std::chrono::seconds(10)),
                             [&] { return new_browser().get("/").status == 200; }));
    for (int i = 0; i < 8; ++i) {
        BOOST_TEST(new_browser().get("/").member == "a");
        Browser bound = new_browser();
        bound.add_cookie("ROUTEID", ".b");
        BOOST_TEST(bound.get("/").member == "b");
    }
    httpd.undrain("app", "b");
    const Share even = {{"a", 4}, {"b", 4}};
    BOOST_TEST((share_of_new_clients(*this, 8) == even));
}

BOOST_FIXTURE_TEST_CASE(children_die_under_load, KilledChild)
{
    std::atomic<bool> over = false;
    std::atomic<int> served = 0, moved = 0, answered_badly = 0;
    const auto browse = [&](const std::string &member) {
        Browser client = new_browser();
        client.add_cookie("ROUTEID", "." + member);
        while (!over) {
            const auto answer = client.get("/");
            if (answer.status == 0)
                continue;  // the child was killed under it
            ++served;
            answered_badly += answer.status != 200;
            moved += answer.status == 200 && answer.member != member;
        }
    };
    std::vector<std::thread> threads;
    for (const auto *member : {"a", "b", "a", "b"})
        threads.emplace_back(browse, member);
    for (int i = 0; i < 4; ++i) {
        const int before = served;
        BOOST_TEST(
            wait_until(within(std::chrono::seconds(10)), [&] { return served > before + 50; }));
        kill_children({httpd.children().front()});
    }
    over = true;
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST(answered_badly == 0);
    BOOST_TEST(moved == 0);
    const Share even = {{"a", 4}, {"b", 4}};
    BOOST_TEST((share_of_new_clients(*this, 8) == even));
}

BOOST_AUTO_TEST_SUITE_END()
