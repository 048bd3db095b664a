// SPDX-License-Identifier: Apache-2.0
//
// Our own balancing methods beside roundrobin: whom each of them gives new clients, by weight, lbset,
// status and drain, and what each of them is for.
// Caught if: a method leaves a member out, ignores a weight, gives new clients to a member that
// takes none, does not serve bound ones, or does not see what other children have under way.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<std::string> kMethods = {"leastconn", "leastsessions", "leasttime", "random2",
                                           "hash"};

struct Policies : Scenario {
    // Each pair is a member's name, which is its route, and the words of its line.
    void start(const std::string &method,
               const std::vector<std::pair<std::string, std::string>> &members,
               const std::string &lines = "")
    {
        std::string text = "<Proxy \"balancer://app\">\nProxySet lbmethod=" + method + '\n';
        for (const auto &[name, words] : members) {
            origins.emplace(name, start_member(name));
            text += "BalancerMember \"{" + name + ".url}\" route=" + name + ' ' + words + '\n';
        }
        start_httpd(text + lines + (method == "hash" ? "\nStickyHash header:X-Key" : "") +
                    "\nStickyCookie insert\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n");
    }
    // New clients one after the other, each with a key of its own.
    Share share(int count)
    {
        Share share;
        for (int i = 0; i < count; ++i) {
            const auto answer =
                new_browser().get("/", {{"X-Key", "key " + std::to_string(next_key++)}});
            ++share[answer.status == 200 ? answer.member : std::to_string(answer.status)];
        }
        for (const auto &[member, count_of_it] : share)
            BOOST_TEST_MESSAGE(member << " had " << count_of_it);
        return share;
    }
    Browser bound_to(const std::string &member)
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", "." + member);
        return client;
    }
    void expect_bound_served(const std::string &member)
    {
        for (int i = 0; i < 4; ++i) {
            const auto answer = bound_to(member).get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
    void disable(const std::string &member)
    {
        httpd.balancer_manager("app", member, {{"w_status_D", "1"}});
    }
    // So many requests that the member does not answer for now.
    void hold(const std::string &member, int count)
    {
        origins.at(member).hold("/slow");
        for (int i = 0; i < count; ++i)
            clients.push_back(std::make_unique<Browser>(bound_to(member)));
        for (auto &client : clients)
            answers.push_back(client->start_get("/slow"));
        BOOST_REQUIRE(origins.at(member).wait_held("/slow", count));
    }
    void release(const std::string &member)
    {
        origins.at(member).release("/slow");
        for (auto &answer : answers)
            BOOST_TEST(answer.wait().status == 200);
        answers.clear();
        BOOST_TEST(wait_for_busy(httpd, origins.at(member).url(), "0"));
    }

    std::map<std::string, FakeMember> origins;
    std::vector<std::unique_ptr<Browser>> clients;
    std::vector<PendingResponse> answers;
    int next_key = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(policies_test)

BOOST_DATA_TEST_CASE_F(Policies, members_that_take_no_new_clients_get_none,
                       boost::unit_test::data::make(kMethods))
{
    start(sample,
          {{"zero", ""},
           {"a", ""},
           {"drained", ""},
           {"b", ""},
           {"later", "lbset=1"},
           {"standby", "status=+H lbset=1"}},
          "StickyMember zero weight=0");
    httpd.drain("app", "drained");
    auto seen = share(40);
    BOOST_TEST(seen["a"] > 0);
    BOOST_TEST(seen["b"] > 0);
    BOOST_TEST(seen["a"] + seen["b"] == 40);
    for (const auto *member : {"zero", "drained", "later", "standby", "a", "b"})
        expect_bound_served(member);

    const Share all_on_b = {{"b", 12}}, all_on_later = {{"later", 12}};
    const Share all_on_standby = {{"standby", 12}}, all_on_drained = {{"drained", 12}};
    disable("a");
    BOOST_TEST((share(12) == all_on_b));
    disable("b");
    BOOST_TEST((share(12) == all_on_later));
    disable("later");
    BOOST_TEST((share(12) == all_on_standby));
    expect_bound_served("zero");
    expect_bound_served("drained");
    httpd.undrain("app", "drained");
    BOOST_TEST((share(12) == all_on_drained));
}

BOOST_DATA_TEST_CASE_F(Policies, a_member_that_fails_is_left_out_and_found_again,
                       boost::unit_test::data::make(kMethods))
{
    start(sample, {{"a", "retry=1"}, {"b", "retry=1"}, {"c", "retry=1"}});
    auto client = bound_to("b");
    origins.at("b").stop();
    allow_failed_connections();
    auto seen = share(30);
    BOOST_TEST(seen["a"] > 0);
    BOOST_TEST(seen["c"] > 0);
    BOOST_TEST(seen["a"] + seen["c"] == 30);
    const auto moved = client.get("/");
    BOOST_TEST(moved.status == 200);
    BOOST_TEST(client.cookie("ROUTEID") == "." + moved.member);
    origins.at("b").start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)),
                          [&] { return bound_to("b").get("/").member == "b"; }));
    // leasttime takes a failure for a slow answer, and forgets it in about a minute.
    if (sample != "leasttime")
        BOOST_TEST(
            wait_until(within(std::chrono::seconds(20)), [&] { return share(1)["b"] == 1; }));
    BOOST_TEST(client.get("/").member == moved.member);
}

// Members 1, 1 and 4: of 240 clients 40, 40 and 160, by the method more or less.
BOOST_DATA_TEST_CASE_F(Policies, new_clients_are_shared_by_weight,
                       boost::unit_test::data::make({"leastsessions", "random2", "hash"}))
{
    start(sample, {{"a", ""}, {"b", "loadfactor=1"}, {"c", ""}}, "StickyMember c weight=4");
    auto seen = share(240);
    // Of two idle members random2 takes the heavier one, whichever it drew first.
    const int least = sample == std::string("random2") ? 1 : 15;
    BOOST_TEST(seen["a"] >= least);
    BOOST_TEST(seen["b"] >= least);
    BOOST_TEST(seen["c"] >= 120);
}

BOOST_FIXTURE_TEST_CASE(leastconn_shares_what_is_under_way_by_weight, Policies)
{
    start("leastconn", {{"a", ""}, {"b", ""}, {"c", ""}}, "StickyMember c weight=2");
    for (auto &[name, member] : origins)
        member.hold("/slow");
    const auto held = [&](int count) {
        int requests = 0;
        for (auto &[name, member] : origins)
            requests += static_cast<int>(member.requests().size());
        return requests >= count;
    };
    for (int i = 1; i <= 8; ++i) {
        clients.push_back(std::make_unique<Browser>(new_browser()));
        answers.push_back(clients.back()->start_get("/slow"));
        BOOST_REQUIRE(wait_until(within(std::chrono::seconds(10)), [&] { return held(i); }));
    }
    BOOST_TEST(origins.at("a").requests().size() == 2u);
    BOOST_TEST(origins.at("b").requests().size() == 2u);
    BOOST_TEST(origins.at("c").requests().size() == 4u);
    for (auto &[name, member] : origins)
        member.release("/slow");
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().status == 200);
}

BOOST_FIXTURE_TEST_CASE(leastconn_avoids_a_member_that_has_much_to_do, Policies)
{
    start("leastconn", {{"a", ""}, {"b", ""}, {"c", ""}});
    hold("b", 5);
    auto seen = share(10);
    BOOST_TEST(seen["a"] + seen["c"] == 10);
    for (auto &browser : browsers_on_every_child(*this)) {
        browser.forget_cookies();
        BOOST_TEST(browser.get("/").member != "b");
    }
    expect_bound_served("b");
    release("b");
    BOOST_TEST(share(12)["b"] > 0);
}

BOOST_FIXTURE_TEST_CASE(random2_gives_fewer_clients_to_a_member_that_has_much_to_do, Policies)
{
    start("random2", {{"a", ""}, {"b", ""}, {"c", ""}});
    hold("b", 5);
    auto seen = share(90);
    BOOST_TEST(seen["b"] < seen["a"]);
    BOOST_TEST(seen["b"] < seen["c"]);
    release("b");
    BOOST_TEST(share(60)["b"] > 0);
}

BOOST_FIXTURE_TEST_CASE(leasttime_gives_fewer_clients_to_a_slow_member, Policies)
{
    start("leasttime", {{"a", ""}, {"b", ""}, {"c", ""}});
    origins.at("b").on("*", [](const Request &) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return Answer{};
    });
    for (const auto *member : {"a", "b", "c"})
        expect_bound_served(member);
    auto seen = share(60);
    BOOST_TEST(seen["b"] * 2 < seen["a"] + seen["c"]);
    BOOST_TEST(seen["b"] <= 12);
    expect_bound_served("b");
}

BOOST_FIXTURE_TEST_CASE(leastsessions_counts_the_sessions_that_were_placed, Policies)
{
    start("leastsessions", {{"a", ""}, {"b", ""}, {"c", ""}});
    const Share even = {{"a", 5}, {"b", 5}, {"c", 5}};
    BOOST_TEST((share(15) == even));
    for (int i = 0; i < 10; ++i)
        expect_bound_served("b");  // requests of a session are no new ones
    BOOST_TEST((share(15) == even));
}

BOOST_AUTO_TEST_SUITE_END()
