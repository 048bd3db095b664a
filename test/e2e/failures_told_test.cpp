// SPDX-License-Identifier: Apache-2.0
//
// The error log says, at the level that httpd has by default, that requests fail, that they are tried on another member,
// and that clients are moved because their member is down; not for each of them, but often enough to be seen.
// Caught if: a client hears an error and no line of ours says which members were tried, clients move and nobody is told,
// the log has a line for each, or it warns of what was asked for.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kWarnings = "LogLevel stickybalancer:warn\n";

struct Told : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines = "", const std::string &before = "")
    {
        start_httpd(before + R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a retry=300
                BalancerMember "{b.url}" route=b retry=300
                StickyCookie insert
        )" + lines + R"(
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
        allow_failed_connections();
        httpd.log().allow("SB4001");
    }
    Response ask_b()
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", ".b");
        return client.get("/");
    }
    void allow_ended_connections()
    {
        for (const auto *id : {"AH01102", "AH00898", "AH01097", "AH02608"})
            httpd.log().allow(id);
    }
    int said(const std::string &text) { return httpd.log().count(text); }
    int children() const { return static_cast<int>(httpd.children().size()); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(failures_told_test)

BOOST_FIXTURE_TEST_CASE(a_request_that_nobody_takes_is_told_with_those_that_were_tried, Told)
{
    start();
    a.stop();
    b.stop();
    BOOST_TEST(ask_b().status == 503);
    BOOST_TEST(said("SB4007: balancer://app: a request failed at every member that was tried: "
                    "b,a (connect)") == 1);
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(new_browser().get("/").status == 503);
    BOOST_TEST(said("SB4007") + said("SB4001") == 5);
}

BOOST_FIXTURE_TEST_CASE(so_is_one_that_a_member_lost_and_that_may_not_be_repeated, Told)
{
    start();
    b.close_after_accept(true);
    allow_ended_connections();
    auto client = new_browser();
    client.add_cookie("ROUTEID", ".b");
    BOOST_TEST(client.post("/", "x").status == 502);
    BOOST_TEST(said("SB4007: balancer://app: a request failed at every member that was tried: "
                    "b (reset)") == 1);
}

BOOST_FIXTURE_TEST_CASE(an_answer_of_a_members_is_no_failure_of_everybody, Told)
{
    start("StickyRetry on=503");
    for (auto *member : {&a, &b})
        member->on("/busy", {.status = 503, .body = "busy"});
    BOOST_TEST(new_browser().get("/busy").status == 503);
    BOOST_TEST(new_browser().get("/").status == 200);
    BOOST_TEST(said("SB4007") == 0);
}

BOOST_FIXTURE_TEST_CASE(moves_are_told_at_the_default_level_but_not_each, Told)
{
    start("", kWarnings);
    b.stop();
    BOOST_TEST(ask_b().member == "a");
    BOOST_TEST(said("SB2201") == 1);
    BOOST_TEST(said("SB2202") == 0);
    for (int i = 0; i < 40; ++i)
        BOOST_TEST(ask_b().member == "a");
    BOOST_TEST(said("SB2201") == 1);
    BOOST_TEST(said("SB2202: balancer://app: a client of " + b.url() +
                    ", which is down, is moved to " + a.url()) >= 1);
    BOOST_TEST(said("SB2202") <= children());  // once a minute
}

// A member that takes connections and loses the requests stays in use.
BOOST_FIXTURE_TEST_CASE(requests_that_are_tried_elsewhere_are_told_once_a_second, Told)
{
    start("", kWarnings);
    b.close_after_accept(true);
    allow_ended_connections();
    const auto began = Clock::now();
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(ask_b().member == "a");
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began);
    BOOST_TEST(said("SB2201") >= 1);
    BOOST_TEST(said("SB2201") <= children() * (passed.count() + 2));
}

BOOST_FIXTURE_TEST_CASE(who_reads_more_gets_a_line_for_each_move, Told)
{
    start("", "LogLevel stickybalancer:info\n");
    b.stop();
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(ask_b().member == "a");
    BOOST_TEST(said("SB2201") == 1);
    BOOST_TEST(said("SB2202") == 5);
}

BOOST_FIXTURE_TEST_CASE(nobody_is_warned_of_what_was_asked_for, Told)
{
    start("", "SetEnv sticky-move 1\n");
    httpd.drain("app", b.url());
    BOOST_TEST(ask_b().member == "a");
    httpd.balancer_manager("app", "b", {{"w_status_D", "1"}});
    BOOST_TEST(ask_b().member == "a");
    BOOST_TEST(said("SB2202") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
