// SPDX-License-Identifier: Apache-2.0
//
// maxsessions= of StickyMember: a member with so many sessions gets no new clients, from all children
// of httpd together, and keeps those that it has.
// Caught if: one client too many is let in, a bound one is sent away, new clients are lost while
// somebody has room, or a restart forgets who is full.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <set>
#include <thread>

#include "test/e2e/steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

struct Sessions : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    static std::string site(const std::string &lines, const std::string &words_of_b = "")
    {
        return "<Proxy \"balancer://app\">\n"
               "BalancerMember \"{a.url}\" route=a retry=1\n"
               "BalancerMember \"{b.url}\" route=b " +
               words_of_b + "\n" + lines +
               "\nStickyCookie insert\n</Proxy>\n"
               "SetEnvIf X-Monitor . sticky-ignore\n"
               "ProxyPass \"/\" \"balancer://app/\"\n";
    }
    void start(const std::string &lines, const std::string &words_of_b = "")
    {
        start_httpd(site(lines, words_of_b));
    }
    void expect_new_clients(const Share &share)
    {
        int count = 0;
        for (const auto &[member, clients] : share)
            count += clients;
        const auto seen = share_of_new_clients(*this, count);
        BOOST_TEST((seen == share));
        for (const auto &[member, clients] : seen)
            BOOST_TEST_MESSAGE(member << " had " << clients);
    }
    void expect_kept(Browser &client, const std::string &member)
    {
        for (int i = 0; i < 6; ++i) {
            client.disconnect();  // any child may answer
            const auto answer = client.get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
};

const auto kMethods =
    boost::unit_test::data::make({"roundrobin", "leastconn", "leastsessions", "leasttime",
                                  "random2", "byrequests", "bybusyness"});

}  // namespace

BOOST_AUTO_TEST_SUITE(max_sessions_test)

BOOST_DATA_TEST_CASE_F(Sessions, a_full_member_keeps_its_clients_and_gets_no_new_ones, kMethods,
                       method)
{
    start(std::string("ProxySet lbmethod=") + method + "\nStickyMember a maxsessions=4");
    httpd.drain("app", "b");
    Browser kept = new_browser_on("a");
    expect_new_clients({{"a", 3}});
    httpd.undrain("app", "b");
    expect_new_clients({{"b", 12}});
    expect_kept(kept, "a");
}

BOOST_FIXTURE_TEST_CASE(not_one_too_many_whatever_comes_at_once, Sessions)
{
    start("StickyMember a maxsessions=7");
    std::atomic<int> of_a = 0, of_b = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 8; ++n) {
                const auto member = new_browser().get("/").member;
                ++(member == "a" ? of_a : of_b);
            }
        });
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST(of_a == 7);
    BOOST_TEST(of_b == 89);
    std::set<std::string> children;
    for (const auto &line : httpd.access_log().wait_for(96))
        children.insert(line.at("pid"));
    BOOST_TEST(children.size() > 1u);
}

BOOST_FIXTURE_TEST_CASE(who_is_full_is_relieved_by_standbys, Sessions)
{
    start("StickyMember a maxsessions=2", "status=+H");
    expect_new_clients({{"a", 2}, {"b", 10}});
}

BOOST_FIXTURE_TEST_CASE(who_is_full_is_relieved_by_the_next_lbset, Sessions)
{
    start("StickyMember a maxsessions=2", "lbset=1");
    expect_new_clients({{"a", 2}, {"b", 10}});
}

BOOST_DATA_TEST_CASE_F(Sessions, where_all_are_full_new_clients_are_turned_away,
                       boost::unit_test::data::make({"roundrobin", "leastconn", "byrequests"}),
                       method)
{
    start(std::string("ProxySet lbmethod=") + method + "\nStickyMember * maxsessions=2");
    Browser kept = new_browser_on("a");
    share_of_new_clients(*this, 3);
    expect_new_clients({{"503", 4}});
    expect_kept(kept, "a");
    for (int i = 0; i < 4; ++i)  // it asks whether the site is there, and it is
        BOOST_TEST(new_browser().get("/", {{"X-Monitor", "yes"}}).status == 200);
    expect_new_clients({{"503", 2}});
    httpd.log().expect("SB4005");  // once a second at most
}

BOOST_FIXTURE_TEST_CASE(that_all_are_full_is_no_reason_to_ask_one_that_is_down, Sessions)
{
    start("StickyMember a maxsessions=2");
    b.stop();
    allow_failed_connections();
    expect_new_clients({{"a", 2}, {"503", 4}});
    httpd.log().expect("SB4005");
}

BOOST_FIXTURE_TEST_CASE(restarts_remember_who_is_full_and_an_edit_makes_room, Sessions)
{
    start("StickyMember a maxsessions=2");
    expect_new_clients({{"a", 2}, {"b", 6}});
    Browser of_a = new_browser();
    of_a.add_cookie("ROUTEID", ".a");
    httpd.graceful();
    expect_new_clients({{"b", 6}});
    expect_kept(of_a, "a");
    httpd.wait_until_idle(std::chrono::seconds(5));
    httpd.stop();
    httpd.start_again();
    expect_new_clients({{"b", 6}});
    expect_kept(of_a, "a");
    httpd.rewrite_config(site("StickyMember a maxsessions=5"));
    expect_new_clients({{"a", 3}, {"b", 9}});
    httpd.rewrite_config(site(""));
    expect_new_clients({{"a", 6}, {"b", 6}});
}

BOOST_FIXTURE_TEST_CASE(monitors_are_no_clients, Sessions)
{
    start("StickyMember a maxsessions=3");
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(new_browser().get("/", {{"X-Monitor", "yes"}}).status == 200);
    expect_new_clients({{"a", 3}, {"b", 9}});
}

// The client was told nothing of it, and has gone to another.
BOOST_FIXTURE_TEST_CASE(a_client_whom_a_member_did_not_answer_is_none_of_its_own, Sessions)
{
    start("StickyMember a maxsessions=1");
    a.stop();
    allow_failed_connections();
    expect_new_clients({{"b", 4}});
    a.start_again();
    const auto deadline = within(std::chrono::seconds(10));  // retry=1
    BOOST_TEST(wait_until(deadline, [&] { return new_browser().get("/").member == "a"; }));
    expect_new_clients({{"b", 6}});
}

// httpd's page goes out instead, with the cookie.
BOOST_FIXTURE_TEST_CASE(an_answer_that_is_replaced_places_its_client_too, Sessions)
{
    start("StickyMember a maxsessions=1\nProxyErrorOverride On");
    a.on("/missing", Answer{.status = 404});
    Browser client = new_browser();
    for (int i = 0; i < 2 && client.cookie("ROUTEID") != ".a"; ++i) {
        client.forget_cookies();
        client.get("/missing");
    }
    BOOST_TEST_REQUIRE(client.cookie("ROUTEID") == ".a");
    expect_new_clients({{"b", 6}});
}

BOOST_AUTO_TEST_SUITE_END()
