// SPDX-License-Identifier: Apache-2.0
//
// drain --wait ends when the last session is gone, tells until then how many are left, and is disturbed by nothing
// but what ends it.
// Caught if: it ends before the last client's session is over, does not end after that, gives up at a restart, takes the
// drain back when it is interrupted, or one of the clients notices.
#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "test/e2e/stickyctl_steps.hpp"

using namespace stickybalancer::test;

namespace {

using std::chrono::seconds;

struct Drain : StickyctlScenario {
    // Each from an address of its own: with a cookie of ours alone, it is by that that clients are counted. They
    // are placed in turn.
    std::vector<Browser> clients(int count)
    {
        std::vector<Browser> all;
        for (int i = 0; i < count; ++i)
            all.push_back(
                new_browser({.port = httpd.port(), .source = "127.0.1." + std::to_string(i + 1)}));
        return all;
    }
    // An estimate: one more or fewer is rare, and no mistake.
    bool is_told_of_about_ten(const RunningStickyctl &draining) const
    {
        return wait_until(within(seconds(20)), [&] {
            const auto output = draining.output();
            return output.find("app/b: about 10 sessions") != std::string::npos ||
                   output.find("app/b: about 9 sessions") != std::string::npos ||
                   output.find("app/b: about 11 sessions") != std::string::npos;
        });
    }
    bool is_still_drain() { return stickyctl({"--csv", "status"}).says("app,b,,drain,"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stickyctl_drain_test)

// Whoever has not logged in is in no table, and has but the cookie.
BOOST_FIXTURE_TEST_CASE(the_last_client_may_be_kept_by_the_cookie_alone, Drain)
{
    start("StickyOn cookie:JSESSIONID\nStickyTable expire=8s\nStickyCookie insert maxidle=8s");
    auto client = new_browser();
    const auto member = client.get("/").member;
    const auto draining = start_stickyctl({"drain", member, "--wait", "--timeout", "60s"});
    BOOST_REQUIRE_MESSAGE(
        wait_until(
            within(seconds(20)),
            [&] { return draining->output().find("about 1 session,") != std::string::npos; }),
        draining->output());
    const auto last_request = Clock::now();
    BOOST_TEST(client.get("/").member == member);
    const auto drained = draining->finish(60);
    BOOST_TEST(drained.code == 0, drained.output);
    BOOST_TEST((Clock::now() - last_request >= std::chrono::milliseconds(7500)), drained.output);
}

// Twenty users, ten at each server; their sessions end eight seconds after their last request.
BOOST_FIXTURE_TEST_CASE(servers_go_and_come_back_and_nobody_notices, Drain)
{
    start("StickyCookie insert maxidle=8s");
    std::vector<Browser> on_a, on_b;
    for (auto &client : clients(20))
        (client.get("/").member == "a" ? on_a : on_b).push_back(std::move(client));
    BOOST_TEST(on_b.size() == 10u);
    const auto draining = start_stickyctl({"drain", "b", "--wait", "--timeout", "60s"});
    BOOST_REQUIRE_MESSAGE(is_told_of_about_ten(*draining), draining->output());
    auto last_request = Clock::now();
    for (int round = 0; round < 5; ++round) {
        for (auto &client : on_a)
            BOOST_TEST(client.get("/").member == "a");
        for (auto &client : on_b)
            BOOST_TEST(client.get("/").member == "b");
        last_request = Clock::now();
        BOOST_TEST(new_browser().get("/").member == "a");
        BOOST_TEST(draining->is_running());
        wait_until(last_request + seconds(1), [] { return false; });
    }
    const auto drained = draining->finish(60);
    BOOST_TEST(drained.code == 0, drained.output);
    BOOST_TEST(drained.says("no session is left"));
    BOOST_TEST((Clock::now() - last_request >= std::chrono::milliseconds(7500)), drained.output);
    BOOST_TEST(code_of({"stop", "b"}) == 0);
    for (auto &client : on_b)
        BOOST_TEST(client.get("/").member == "a");  // their time was over
    BOOST_TEST(code_of({"ready", "b"}) == 0);
    for (auto &client : on_b)
        BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(wait_until(within(seconds(5)),
                          [&] { return share_of_new_clients(*this, 8).count("b") == 1; }));
}

BOOST_FIXTURE_TEST_CASE(sessions_of_a_table_are_counted_exactly, Drain)
{
    start("StickyOn cookie:SID\nStickyTable expire=3s");
    for (auto *member : {&a, &b})
        member->on("/login",
                   Answer{.headers = {{"Set-Cookie", "SID=of-" + member->name() + "; path=/"}}});
    while (new_browser().get("/login").member != "b")
        continue;
    const auto draining = start_stickyctl({"drain", "b", "--wait"});
    BOOST_TEST(draining->wait_until_it_says("app/b: 1 session,"), draining->output());
    BOOST_TEST(draining->wait_until_it_says("the last can expire at"));
    const auto drained = draining->finish(30);
    BOOST_TEST(drained.code == 0, drained.output);
}

// Its connections are closed between its visits: under worker, restarts wait for those that are kept.
struct Visitor {
    const Scenario &scenario;
    std::string cookie = scenario.new_browser_on("b").cookie("ROUTEID");

    std::string visit()
    {
        auto browser = scenario.new_browser();
        browser.add_cookie("ROUTEID", cookie);
        const auto member = browser.get("/").member;
        cookie = browser.cookie("ROUTEID");
        return member;
    }
};

BOOST_FIXTURE_TEST_CASE(a_restart_is_waited_for, Drain)
{
    start("StickyCookie insert maxidle=10s");
    Visitor client{*this};
    const auto draining = start_stickyctl({"drain", "b", "--wait"});
    BOOST_TEST(draining->wait_until_it_says("1 session"), draining->output());
    httpd.graceful();
    BOOST_TEST(client.visit() == "b");
    httpd.stop();
    BOOST_TEST(draining->wait_until_it_says("trying again"), draining->output());
    httpd.start_again();
    BOOST_TEST(client.visit() == "b");
    const auto drained = draining->finish(40);
    BOOST_TEST(drained.code == 0, drained.output);
    BOOST_TEST(drained.says("no session is left"));
}

BOOST_FIXTURE_TEST_CASE(an_interrupt_and_a_time_limit_leave_the_drain, Drain)
{
    start();
    auto client = new_browser_on("b");
    const auto draining = start_stickyctl({"drain", "b", "--wait"});
    BOOST_TEST(draining->wait_until_it_says("1 session"), draining->output());
    draining->send(SIGINT);
    const auto interrupted = draining->finish();
    BOOST_TEST(interrupted.code == 130);
    BOOST_TEST(interrupted.says("the drain stays in place"));
    BOOST_TEST(is_still_drain());
    const auto late = stickyctl({"drain", "b", "--wait", "--timeout", "1s"});
    BOOST_TEST(late.code == 7);
    BOOST_TEST(late.says("the drain stays in place"));
    BOOST_TEST(is_still_drain());
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(who_makes_it_ready_calls_the_drain_off, Drain)
{
    start();
    auto client = new_browser_on("b");
    const auto draining = start_stickyctl({"drain", "b", "--wait"});
    BOOST_TEST(draining->wait_until_it_says("1 session"), draining->output());
    BOOST_TEST(code_of({"ready", "b"}) == 0);
    const auto ended = draining->finish();
    BOOST_TEST(ended.code == 1);
    BOOST_TEST(ended.says("called off"));
}

BOOST_FIXTURE_TEST_CASE(a_deadline_ends_the_waiting_and_a_request_under_way_does_not, Drain)
{
    start();
    auto client = new_browser_on("b");
    b.hold("/slow");
    const auto slow = std::make_unique<PendingResponse>(client.start_get("/slow"));
    BOOST_TEST(b.wait_held("/slow", 1));
    const auto draining = start_stickyctl({"drain", "b", "--wait", "--deadline", "2s"});
    BOOST_TEST(draining->wait_until_it_says("1 request under way"), draining->output());
    BOOST_TEST(wait_until(within(seconds(10)), [&] {
        return stickyctl({"show", "member", "b"}).says("moved");
    }));
    BOOST_TEST(draining->is_running());
    b.release("/slow");
    BOOST_TEST(slow->wait().member == "b");
    const auto drained = draining->finish();
    BOOST_TEST(drained.code == 0, drained.output);
    BOOST_TEST(drained.says("its clients are moved"));
}

BOOST_AUTO_TEST_SUITE_END()
