// SPDX-License-Identifier: Apache-2.0
//
// No member can take a request: the client is told so by 503, keeps the cookie it has, and is
// served again as soon as a member is back.
// Caught if: a 503 carries a cookie, a member is tried twice in one request, or a balancer stays
// down when its members are up.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

// `words` are a line of the balancer.
std::string site(const std::string &words)
{
    return "<Proxy \"balancer://app\">\n"
           "    BalancerMember \"{a.url}\" route=a retry=1\n"
           "    BalancerMember \"{b.url}\" route=b retry=1\n"
           "    " +
           words + "\n" + R"(
               StickyCookie insert
           </Proxy>
           ProxyPass "/" "balancer://app/"
    )";
}

struct DownScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void all_down()
    {
        a.stop();
        b.stop();
        allow_failed_connections();
    }

    int failed_connections() { return httpd.log().count("AH00957"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(all_members_down_test)

BOOST_FIXTURE_TEST_CASE(the_answer_is_503_without_a_cookie, DownScenario)
{
    start_httpd(site("ProxySet forcerecovery=Off"));
    Browser bound = new_browser_on("b"), fresh = new_browser();
    all_down();
    const auto first = bound.get("/first");
    BOOST_TEST(first.status == 503);
    BOOST_TEST(first.set_cookies().empty());
    BOOST_TEST(logged(httpd, "/first").at("attempts") == "2");
    BOOST_TEST(failed_connections() == 2);

    BOOST_TEST(fresh.get("/second").set_cookies().empty());
    BOOST_TEST(bound.cookie("ROUTEID") == ".b");
    httpd.log().expect("SB4001");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_is_back_is_found_after_retry, DownScenario)
{
    start_httpd(site("ProxySet forcerecovery=Off"));
    Browser bound = new_browser_on("b");
    all_down();
    BOOST_TEST(bound.get("/").status == 503);
    b.start_again();
    const auto accepted = b.accepted_count();
    BOOST_TEST(bound.get("/").status == 503);  // within retry=1 nobody asks b
    BOOST_TEST(b.accepted_count() == accepted);
    httpd.log().expect("SB4001");

    Response answer;
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)), [&] {
        answer = bound.get("/");
        return answer.status == 200;
    }));
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(answer.set_cookies().empty());
    httpd.log().expect("SB2003");  // tried again
}

BOOST_FIXTURE_TEST_CASE(forcerecovery_asks_all_again_at_once, DownScenario)
{
    start_httpd(site("ProxySet forcerecovery=On"));
    Browser bound = new_browser_on("b");
    all_down();
    BOOST_TEST(bound.get("/").status == 503);
    BOOST_TEST(failed_connections() == 2);
    BOOST_TEST(bound.get("/").status == 503);
    BOOST_TEST(failed_connections() == 4);
    httpd.log().allow("SB4001");

    b.start_again();
    const auto answer = bound.get("/");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(answer.set_cookies().empty());
}

BOOST_FIXTURE_TEST_CASE(forcerecovery_gives_every_client_back_to_its_member, DownScenario)
{
    start_httpd(site("ProxySet forcerecovery=On"));
    Browser of_a = new_browser_on("a"), of_b = new_browser_on("b");
    all_down();
    BOOST_TEST(of_b.get("/").status == 503);
    a.start_again();
    b.start_again();
    for (auto *bound : {&of_b, &of_a}) {
        const auto before = bound->cookie("ROUTEID");
        const auto answer = bound->get("/");
        BOOST_TEST("." + answer.member == before);
        BOOST_TEST(answer.set_cookies().empty());
    }
    httpd.log().allow("SB4001");
}

BOOST_FIXTURE_TEST_CASE(forcerecovery_is_the_default, DownScenario)
{
    start_httpd(site(""));
    all_down();
    BOOST_TEST(new_browser().get("/").status == 503);
    a.start_again();
    b.start_again();
    BOOST_TEST(new_browser().get("/").status == 200);
    httpd.log().allow("SB4001");
}

BOOST_FIXTURE_TEST_CASE(disabled_members_are_not_recovered, DownScenario)
{
    start_httpd(site("ProxySet forcerecovery=On"));
    for (const auto *member : {"a", "b"})
        httpd.balancer_manager("app", member, {{"w_status_D", "1"}});
    const auto answer = new_browser().get("/");
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.set_cookies().empty());
    BOOST_TEST(a.requests().empty());
    BOOST_TEST(b.requests().empty());
    httpd.log().expect("SB4001");
    httpd.balancer_manager("app", "a", {{"w_status_D", "0"}});
    BOOST_TEST(new_browser().get("/").member == "a");
}

BOOST_AUTO_TEST_SUITE_END()
