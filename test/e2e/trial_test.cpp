// SPDX-License-Identifier: Apache-2.0
//
// A failed member without checks is tried by one request at a time, over all processes of httpd; the others do
// without it meanwhile.
// Caught if: a second request follows to a member that nobody knows to be well, a member that is well again stays
// out, a killed child keeps it out for longer than retry=, or a site whose only member was away waits for more than that.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr std::chrono::seconds kLong(20);

// The time that an attempt is given, in seconds, is far beyond what a test takes: who goes to a member that hangs
// is not back before the test is over.
struct Trials : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &words_of_b = "retry=1", const std::string &lines = "",
               const HttpdOptions &options = {})
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "BalancerMember \"{a.url}\" route=a retry=1\n"
            "BalancerMember \"{b.url}\" route=b " +
                words_of_b + "\nStickyCookie insert\n" + lines +
                "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\" timeout=60\n",
            options);
        allow_failed_connections();
    }
    Browser client_of_b()
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", ".b");
        return client;
    }
    void take_b_down()
    {
        b.stop();
        BOOST_TEST(client_of_b().get("/").member == "a");
    }
    // The first request after retry= is under way at b, which does not answer it. It is a new client's, placed by
    // the balancer's method.
    std::thread start_held_trial(std::atomic<int> &answered_by_b)
    {
        b.hold("/slow");
        b.start_again();
        std::thread trial([&] {
            BOOST_TEST(wait_until(within(kLong), [&] {
                const auto answer = new_browser().get("/slow");
                answered_by_b += answer.member == "b";
                return answer.member != "a";
            }));
        });
        b.wait_held("/slow", 1, kLong);
        return trial;
    }
    // Clients of b and new ones, at one time; how many had an answer of `member`.
    int ask_from_many(const std::string &member, int rounds = 3)
    {
        std::atomic<int> answered = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 24; ++i)
            threads.emplace_back([&, i] {
                for (int n = 0; n < rounds; ++n)
                    answered +=
                        (i % 2 == 0 ? client_of_b() : new_browser()).get("/").member == member;
            });
        for (auto &thread : threads)
            thread.join();
        return answered;
    }
    // What mod_proxy says of connections that end too early, on either side.
    void allow_ended_connections()
    {
        for (const auto *id : {"AH01102", "AH00898", "AH01095"})
            httpd.log().allow(id);
    }
    int said(const char *id) { return httpd.log().count(id); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(trial_test)

// It takes the connection, and says nothing. By whatever method new clients are placed.
BOOST_DATA_TEST_CASE_F(Trials, nobody_follows_to_a_member_that_hangs,
                       boost::unit_test::data::make({"roundrobin", "leastconn", "byrequests"}),
                       method)
{
    start("retry=4", "ProxySet lbmethod=" + std::string(method));
    take_b_down();
    const auto accepted = b.accepted_count();
    std::atomic<int> answered_by_b = 0;
    auto trial = start_held_trial(answered_by_b);
    const auto began = Clock::now();
    BOOST_TEST(ask_from_many("a") == 24 * 3);
    const bool is_in_time = Clock::now() - began < std::chrono::milliseconds(3500);
    const auto followed = b.accepted_count() - accepted - 1;
    const auto tried = said("SB2003"), up = said("SB2102");
    b.release("/slow");
    trial.join();
    BOOST_TEST_REQUIRE(is_in_time, "too slow to tell");
    BOOST_TEST(followed == 0);
    BOOST_TEST(tried == 1);
    BOOST_TEST(up == 0);
    BOOST_TEST(answered_by_b == 1);
    BOOST_TEST(client_of_b().get("/").member == "b");  // after its first answer
    BOOST_TEST(said("SB2101") == 1);
    BOOST_TEST(said("SB2102") == 1);
}

// mod_proxy calls it well as soon as it is connected.
BOOST_FIXTURE_TEST_CASE(a_member_that_loses_requests_gets_one_an_interval, Trials)
{
    start();
    take_b_down();
    allow_ended_connections();
    const auto accepted = b.accepted_count();
    b.close_after_accept(true);
    b.start_again();
    const auto began = Clock::now();
    int answered = 0, rounds = 0;
    while (b.accepted_count() < accepted + 2 && Clock::now() - began < kLong) {
        answered += ask_from_many("a");
        ++rounds;
    }
    const auto tried = b.accepted_count() - accepted;
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began);
    BOOST_TEST(answered == rounds * 24 * 3);
    BOOST_TEST(tried >= 2);
    BOOST_TEST(tried <= 1 + passed.count());
    BOOST_TEST(said("SB2102") == 0);

    b.close_after_accept(false);
    BOOST_TEST(wait_until(within(kLong), [&] { return client_of_b().get("/").member == "b"; }));
}

BOOST_FIXTURE_TEST_CASE(the_next_one_tries_after_a_killed_child, Trials)
{
    start();
    take_b_down();
    std::atomic<int> answered_by_b = 0;
    auto trial = start_held_trial(answered_by_b);
    for (const auto pid : httpd.children())
        ::kill(pid, SIGKILL);
    trial.join();
    b.release_all();
    BOOST_TEST(answered_by_b == 0);
    BOOST_TEST(wait_until(within(kLong), [&] { return client_of_b().get("/").member == "b"; }));
}

// Its client is the one at fault.
BOOST_FIXTURE_TEST_CASE(a_client_that_leaves_says_nothing_of_the_member, Trials)
{
    start("retry=3");
    take_b_down();
    allow_ended_connections();
    b.start_again();
    BOOST_TEST(wait_until(within(kLong), [&] {
        RawConnection client(httpd.port());
        client.send(
            "POST / HTTP/1.1\r\nHost: x\r\nCookie: ROUTEID=.b\r\n"
            "Content-Length: 100\r\n\r\n0123456789");
        client.finish_sending();
        client.read_to_end();
        return said("SB2003") == 1;
    }));
    BOOST_TEST(client_of_b().get("/").member == "a");
    BOOST_TEST(said("SB2102") == 0);
    BOOST_TEST(wait_until(within(kLong), [&] { return client_of_b().get("/").member == "b"; }));
    BOOST_TEST(said("SB2003") == 2);
}

// Which is not over for as long as it is open.
BOOST_FIXTURE_TEST_CASE(a_websocket_brings_it_back_when_it_opens, Trials)
{
    start("retry=1 upgrade=websocket");
    take_b_down();
    b.start_again();
    std::unique_ptr<WebsocketClient> open;
    BOOST_TEST(wait_until(within(kLong), [&] {
        open = std::make_unique<WebsocketClient>(httpd.port(), "/socket",
                                                 Headers{{"Cookie", "ROUTEID=.b"}});
        return said("SB2102") == 1;
    }));
    BOOST_TEST(client_of_b().get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(without_an_interval_all_try_and_it_is_said_once, Trials)
{
    start("retry=0");
    take_b_down();
    const auto failed = said("AH00957");
    BOOST_TEST(ask_from_many("a") == 24 * 3);
    BOOST_TEST(said("AH00957") - failed >= 12 * 3);  // of clients that have its cookie
    BOOST_TEST(said("SB2003") == 1);
    BOOST_TEST(said("SB2101") == 1);
    b.start_again();
    BOOST_TEST(client_of_b().get("/").member == "b");
    BOOST_TEST(said("SB2102") == 1);
}

// ---- nobody else is there ----

namespace {

struct OnlyMember : Scenario {
    void start(const std::string &url)
    {
        start_httpd("<Proxy \"balancer://app\">\nBalancerMember \"" + url +
                    "\" route=only retry=30 connectiontimeout=3\nStickyCookie insert\n</Proxy>\n"
                    "ProxyPass \"/\" \"balancer://app/\"\n");
        allow_failed_connections();
        httpd.log().allow("SB4001");
    }
};

// Takes no connection, and refuses none: its queue is full.
class SilentPort {
public:
    SilentPort() : listening_(listen_on(port_))
    {
        ::listen(listening_.number(), 0);
        queued_ = connect_to(port_.number());
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_.number()); }

private:
    ReservedPort port_;
    Fd listening_, queued_;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_only_member_serves_all_as_soon_as_it_takes_connections, OnlyMember)
{
    auto only = start_member("only");
    start("{only.url}");
    only.stop();
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(new_browser().get("/").status == 503);
    only.hold("/slow");
    only.start_again();
    auto client = new_browser();
    auto first = client.start_get("/slow");
    BOOST_TEST_REQUIRE(only.wait_held("/slow", 1));
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(new_browser().get("/").status == 200);
    only.release("/slow");
    BOOST_TEST(first.wait().status == 200);
    BOOST_TEST(httpd.log().count("SB2101") == 1);
    BOOST_TEST(httpd.log().count("SB2102") == 1);
}

BOOST_FIXTURE_TEST_CASE(one_at_a_time_waits_for_the_only_member_to_take_its_connection, OnlyMember)
{
    const SilentPort silent;
    start(silent.url());
    const auto failed = [&] { return httpd.log().count("AH00957"); };
    BOOST_TEST(new_browser().get("/").status == 503);
    BOOST_TEST(failed() == 1);
    auto client = new_browser();
    auto trial = client.start_get("/");
    BOOST_TEST_REQUIRE(wait_for_busy(httpd, silent.url(), "1"));
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(new_browser().get("/").status == 503);
    BOOST_TEST(failed() == 1);  // nor does anybody else wait
    BOOST_TEST(trial.wait().status == 503);
    BOOST_TEST(failed() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
