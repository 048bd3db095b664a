// SPDX-License-Identifier: Apache-2.0
//
// With sticky-explain an answer says whose it is, and why; STICKY_MOVED is for logs of what did not go as it should.
// Caught if: others see it, a client or a member can make it up, it is wrong after a failover, or STICKY_MOVED stands
// where nobody was moved.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Explained : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            SetEnvIf Remote_Addr ^127\.0\.0\.9$ sticky-explain
            CustomLog logs/moved.log "%{STICKY_MEMBER}e %{STICKY_ATTEMPTS}e" env=STICKY_MOVED
            ProxyPass "/" "balancer://app/"
        )");
    }
    Browser operators_browser() const
    {
        BrowserOptions options;
        options.source = "127.0.0.9";
        return new_browser(options);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(explain_test)

BOOST_FIXTURE_TEST_CASE(an_answer_says_whose_it_is, Explained)
{
    start();
    auto client = operators_browser();
    const auto first = client.get("/");
    BOOST_TEST(first.header("X-Sticky") ==
               "member=" + first.member + "; cause=policy; state=NI; attempts=1; queue=0");
    BOOST_TEST(client.get("/").header("X-Sticky") ==
               "member=" + first.member + "; cause=cookie; state=VN; attempts=1; queue=0");
    BOOST_TEST(new_browser().get("/").header("X-Sticky") == "");
}

BOOST_FIXTURE_TEST_CASE(after_a_failover_it_is_the_one_that_answered, Explained)
{
    start();
    allow_failed_connections();
    auto client = operators_browser();
    client.add_cookie("ROUTEID", ".a");
    a.stop();
    const auto moved = client.get("/");
    BOOST_TEST(moved.headers.all("X-Sticky").size() == 1u);
    BOOST_TEST(moved.header("X-Sticky").starts_with("member=b; cause=redispatch; "));
    BOOST_TEST(moved.header("X-Sticky").ends_with("attempts=2; queue=0"));
    BOOST_TEST(client.get("/").member == "b");
    const auto log = httpd.root() / "logs/moved.log";
    BOOST_TEST(
        wait_until(within(std::chrono::seconds(10)), [&] { return read_file(log) == "b 2\n"; }),
        read_file(log));
}

BOOST_FIXTURE_TEST_CASE(where_nobody_answers_it_says_who_was_tried, Explained)
{
    start();
    allow_failed_connections();
    auto client = operators_browser();
    client.add_cookie("ROUTEID", ".a");
    a.stop();
    b.stop();
    const auto lost = client.get("/");
    BOOST_TEST(lost.status == 503);
    BOOST_TEST(lost.headers.all("X-Sticky").size() == 1u);
    BOOST_TEST(lost.header("X-Sticky").ends_with("; attempts=2; queue=0; tried=a,b"),
               lost.header("X-Sticky"));
    BOOST_TEST(new_browser().get("/").header("X-Sticky") == "");
    const auto again = client.get("/");
    BOOST_TEST(again.status == 503);
    BOOST_TEST(again.header("X-Sticky").find("; tried=") != std::string::npos,
               again.header("X-Sticky"));
}

BOOST_FIXTURE_TEST_CASE(where_nobody_can_be_tried_it_says_that, Explained)
{
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a status=+D
            StickyCookie insert
        </Proxy>
        SetEnvIf Remote_Addr ^127\.0\.0\.9$ sticky-explain
        ProxyPass "/" "balancer://app/"
    )");
    const auto lost = operators_browser().get("/");
    BOOST_TEST(lost.status == 503);
    BOOST_TEST(lost.header("X-Sticky") == "member=-; cause=-; state=-; attempts=0; queue=0");
    httpd.log().expect("SB4001");
}

BOOST_AUTO_TEST_SUITE_END()
