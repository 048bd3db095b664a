// SPDX-License-Identifier: Apache-2.0
//
// Each change by stickyctl is seen in traffic, and outlives a graceful restart.
// Caught if: a command says that it did something that has no effect, or the exit code does not tell what came of it.
#include <boost/test/unit_test.hpp>

#include "test/e2e/stickyctl_steps.hpp"

using namespace stickybalancer::test;

namespace {

using std::chrono::seconds;

struct Changes : StickyctlScenario {
    // Who serves new clients, when it has come to that.
    bool new_clients_come_to(const std::string &member)
    {
        return wait_until(within(seconds(5)), [&] {
            return share_of_new_clients(*this, 8) == Share{{member, 8}};
        });
    }
    bool new_clients_come_to_both()
    {
        return wait_until(within(seconds(5)),
                          [&] { return share_of_new_clients(*this, 8).size() == 2; });
    }
    void expect_done(const Words &words)
    {
        const auto done = stickyctl(words);
        BOOST_TEST(done.code == 0, done.output);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stickyctl_changes_test)

BOOST_FIXTURE_TEST_CASE(drain_keeps_clients_stop_keeps_nobody_and_ready_takes_all, Changes)
{
    start();
    auto client = new_browser_on("b");
    expect_done({"drain", "b"});
    BOOST_TEST(new_clients_come_to("a"));
    BOOST_TEST(client.get("/").member == "b");
    expect_done({"stop", "b"});
    BOOST_TEST(wait_until(within(seconds(5)), [&] { return client.get("/").member == "a"; }));
    client.disconnect();
    httpd.graceful();
    BOOST_TEST(new_clients_come_to("a"));
    BOOST_TEST(stickyctl({"--csv", "status"}).says("app,b,,stopped,"));
    expect_done({"ready", "b"});
    BOOST_TEST(new_clients_come_to_both());
}

BOOST_FIXTURE_TEST_CASE(a_deadline_is_set_and_taken_back, Changes)
{
    start();
    auto client = new_browser_on("b");
    expect_done({"drain", "b", "--deadline", "1h"});
    BOOST_TEST(stickyctl({"--json", "show", "member", "b"}).says("\"until\": \"2"));
    expect_done({"drain", "b", "--deadline", "none"});
    BOOST_TEST(stickyctl({"--json", "show", "member", "b"}).says("\"until\": null"));
    expect_done({"drain", "b", "--deadline", "1s"});
    BOOST_TEST(wait_until(within(seconds(10)), [&] { return client.get("/").member == "a"; }));
}

BOOST_FIXTURE_TEST_CASE(a_weight_is_a_share_of_new_clients, Changes)
{
    start();
    expect_done({"weight", "b", "3"});
    BOOST_TEST(wait_until(within(seconds(5)), [&] {
        return share_of_new_clients(*this, 16) == Share{{"a", 4}, {"b", 12}};
    }));
    expect_done({"weight", "b", "0.25"});
    BOOST_TEST(stickyctl({"--csv", "show", "config"}).says(",ready,0.25,"));
    BOOST_TEST(code_of({"weight", "b", "257"}) == 2);
    BOOST_TEST(code_of({"weight", "b", "0.001"}) == 5);
}

BOOST_FIXTURE_TEST_CASE(members_are_added_and_removed, Changes)
{
    auto c = start_member("c");
    start();
    expect_done({"add", "app", c.url(), "--route", "c", "--weight", "2"});
    expect_done({"ready", "c"});
    BOOST_TEST(wait_until(within(seconds(5)),
                          [&] { return share_of_new_clients(*this, 8).count("c") == 1; }));
    BOOST_TEST(code_of({"add", "app", c.url()}) == 5);
    BOOST_TEST(code_of({"add", "none", c.url()}) == 3);
    expect_done({"remove", "c"});
    BOOST_TEST(wait_until(within(seconds(5)),
                          [&] { return share_of_new_clients(*this, 8).count("c") == 0; }));
    BOOST_TEST(code_of({"show", "member", "c"}) == 3);
    const auto refused = stickyctl({"remove", "a"});
    BOOST_TEST(refused.code == 5);
    BOOST_TEST(refused.says("configuration"));
}

BOOST_FIXTURE_TEST_CASE(sessions_are_looked_up_and_forgotten, Changes)
{
    start("StickyOn cookie:JSESSIONID");
    for (auto *member : {&a, &b})
        member->on("/login", Answer{.headers = {{"Set-Cookie", "JSESSIONID=k/+%41&" +
                                                                   member->name() + "; path=/"}}});
    std::string member;
    while (member != "b")
        member = new_browser().get("/login").member;
    const auto found = stickyctl({"--csv", "show", "sessions", "--key", "k/+%41&b"});
    BOOST_TEST(found.code == 0, found.output);
    BOOST_TEST(found.says("app,b,"));
    BOOST_TEST(!found.says("k/+%41&b"));
    BOOST_TEST(shell("echo 'k/+%41&b' | $STICKYCTL show sessions --key -").code == 0);
    BOOST_TEST(code_of({"show", "sessions", "--key", "k/+%41&c"}) == 3);
    BOOST_TEST(stickyctl({"--csv", "show", "table"}).says("app,"));
    expect_done({"forget", "--key", "k/+%41&b"});
    BOOST_TEST(code_of({"show", "sessions", "--key", "k/+%41&b"}) == 3);
    BOOST_TEST(code_of({"forget", "--key", "k/+%41&b"}) == 3);
}

BOOST_FIXTURE_TEST_CASE(a_pin_leads_to_a_stopped_member, Changes)
{
    start();
    expect_done({"stop", "b"});
    const auto done = stickyctl({"pin", "b", "--for", "1h"});
    BOOST_TEST(done.code == 0, done.output);
    BOOST_TEST(done.says("good for app/b until "), done.output);
    const std::string begin = "Cookie: STICKYPIN=";
    const auto at = done.output.find(begin);
    BOOST_TEST_REQUIRE((at != std::string::npos), done.output);
    const auto value = done.output.substr(at + begin.size(), 48);
    BOOST_TEST(new_browser().get("/", {{"Cookie", "STICKYPIN=" + value}}).member == "b");
    BOOST_TEST(new_browser().get("/").member == "a");
    BOOST_TEST(code_of({"unpin", "other"}) == 3);
    expect_done({"unpin", "app"});
    BOOST_TEST(new_browser().get("/", {{"Cookie", "STICKYPIN=" + value}}).member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_lame_duck_says_so_and_serves_on, Changes)
{
    start();
    auto client = new_browser_on("b");
    BOOST_TEST(new_browser().get("/sticky/health").status == 200);
    expect_done({"lameduck", "1h"});
    BOOST_TEST(new_browser().get("/sticky/health").status == 503);
    BOOST_TEST(client.get("/").status == 200);
    BOOST_TEST(new_clients_come_to_both());
    expect_done({"lameduck", "off"});
    BOOST_TEST(new_browser().get("/sticky/health").status == 200);
    expect_done({"lameduck", "1s"});
    BOOST_TEST(wait_until(within(seconds(10)),
                          [&] { return new_browser().get("/sticky/health").status == 200; }));
}

BOOST_AUTO_TEST_SUITE_END()
