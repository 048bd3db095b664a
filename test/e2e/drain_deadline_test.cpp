// SPDX-License-Identifier: Apache-2.0
//
// draindeadline and drainidle of StickyMember: a draining member's clients go at a time, or when they have
// paused.
// Caught if: they go before, or not at all; a restart begins the time anew; or the page does not say until when.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Draining : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    Clock::time_point drained_at;

    Browser start(const std::string &lines)
    {
        start_httpd(std::string(kServerStatus) +
                    "<Proxy \"balancer://app\">\n"
                    "BalancerMember \"{a.url}\" route=a\nBalancerMember \"{b.url}\" route=b\n"
                    "StickyCookie insert\n" +
                    lines + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n");
        return new_browser_on("b");
    }
    void drain_b()
    {
        drained_at = Clock::now();
        httpd.drain("app", "b");
    }
    std::string of_b(const std::string &key) const { return shown(*this, "Member[1]" + key); }
    // Asks again and again; the time since the drain at which the client was moved.
    Clock::duration wait_until_moved(Browser &client)
    {
        const bool is_moved = wait_until(within(std::chrono::seconds(20)),
                                         [&] { return client.get("/").member == "a"; });
        BOOST_TEST(is_moved);
        return Clock::now() - drained_at;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(drain_deadline_test)

BOOST_FIXTURE_TEST_CASE(clients_stay_until_the_deadline_and_are_moved_then, Draining)
{
    auto client = start("StickyMember b draindeadline=3s");
    BOOST_TEST(of_b("DrainsSince") == "");
    drain_b();
    BOOST_TEST(client.get("/").member == "b");
    BOOST_TEST(of_b("DrainsSince") != "");
    BOOST_TEST(of_b("DrainsUntil") != "");
    BOOST_TEST((wait_until_moved(client) >= std::chrono::milliseconds(2900)));
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
    BOOST_TEST(of_b("Requested") == "drain");
    BOOST_TEST(of_b("Actual") == "up");
    BOOST_TEST(of_b("DrainsClients") == "moved");
    httpd.undrain("app", "b");
    BOOST_TEST(wait_until_shown(*this, "Member[1]DrainsSince", ""));
    BOOST_TEST(new_browser_on("b").get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(without_one_they_stay, Draining)
{
    auto client = start("StickyMember a draindeadline=1s");
    drain_b();
    BOOST_TEST(wait_until_shown(*this, "Member[1]DrainsClients", "kept"));
    BOOST_TEST(of_b("DrainsUntil") == "");
    wait_until(drained_at + std::chrono::seconds(3), [] { return false; });
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(restarts_do_not_begin_it_anew, Draining)
{
    auto client = start("StickyMember * draindeadline=1h");
    drain_b();
    const auto since = of_b("DrainsSince"), until = of_b("DrainsUntil");
    BOOST_TEST(since != "");
    httpd.stop();
    wait_until(drained_at + std::chrono::seconds(2), [] { return false; });
    httpd.start_again();
    BOOST_TEST(of_b("DrainsSince") == since);
    BOOST_TEST(of_b("DrainsUntil") == until);
    BOOST_TEST(client.get("/").member == "b");
    client.disconnect();  // under worker, the old generation waits for kept connections
    httpd.graceful();
    BOOST_TEST(of_b("DrainsSince") == since);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_may_not_be_moved_is_told_so_at_the_deadline, Draining)
{
    auto client = start("StickyMember b draindeadline=1s\nStickyWhenDown reject");
    drain_b();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return client.get("/").status == 503; }));
    httpd.log().expect("SB4002");
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
    httpd.undrain("app", "b");
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(sessions_in_a_table_are_moved_at_the_deadline, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID\nStickyMember b draindeadline=1s");
    const auto id = log_in_at("b");
    httpd.drain("app", "b");
    std::string moved;
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)), [&] {
        moved = new_browser().get("/", cookie(id)).member;
        return moved != "b";
    }));
    httpd.undrain("app", "b");
    BOOST_TEST(is_kept(cookie(id), moved));
}

BOOST_FIXTURE_TEST_CASE(a_client_that_has_paused_is_moved_and_a_busy_one_is_not, Draining)
{
    auto client = start("StickyMember * drainidle=4s");
    auto busy = new_browser_on("b");
    drain_b();
    auto last = Clock::now();
    BOOST_TEST(client.get("/").member == "b");
    const auto pause = Clock::now() + std::chrono::seconds(6);
    while (Clock::now() < pause) {
        const auto answer = busy.get("/");
        const bool was_in_time = Clock::now() - last < std::chrono::seconds(3);
        BOOST_REQUIRE((answer.member == "b" || !was_in_time));
        last = Clock::now();
    }
    client.disconnect();
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.get("/").member == "a");
}

BOOST_AUTO_TEST_SUITE_END()
