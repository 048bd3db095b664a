// SPDX-License-Identifier: Apache-2.0
//
// Several members with one route: a client of that route gets the first that is usable, in the order
// of the configuration, the standby last.
// Caught if: such clients are spread over the members, the second is used too early or too late, or
// a cookie is set although the old one still leads to the right member.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct SharedRoute : Scenario {
    FakeMember first = start_member("first"), second = start_member("second");
    FakeMember other = start_member("other");
    Browser client = new_browser();

    void start(const std::string &first_words, const std::string &second_words)
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "BalancerMember \"{first.url}\" route=x retry=1 " +
            first_words +
            "\n"
            "BalancerMember \"{second.url}\" route=x " +
            second_words + "\n" + R"(
                BalancerMember "{other.url}" route=y
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
        client = new_browser();
        client.add_cookie("ROUTEID", ".x");
    }
    void expect(const std::string &member)
    {
        for (int i = 0; i < 4; ++i) {
            const auto answer = client.get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_route_test)

BOOST_FIXTURE_TEST_CASE(the_first_usable_one_serves, SharedRoute)
{
    start("", "");
    httpd.log().expect("SB1103");
    expect("first");
    httpd.balancer_manager("app", "first", {{"w_status_D", "1"}});
    expect("second");
    httpd.balancer_manager("app", "first", {{"w_status_D", "0"}});
    expect("first");
}

BOOST_FIXTURE_TEST_CASE(the_second_serves_within_the_request_that_finds_the_first_dead, SharedRoute)
{
    start("", "");
    httpd.log().expect("SB1103");
    first.stop();
    allow_failed_connections();
    expect("second");
    BOOST_TEST(httpd.log().count("AH00957") == 1);

    second.stop();
    BOOST_TEST(client.get("/").member == "other");
    BOOST_TEST(client.cookie("ROUTEID") == ".y");
}

BOOST_FIXTURE_TEST_CASE(a_standby_shares_the_cookie_of_its_primary, SharedRoute)
{
    start("", "status=+H");
    BOOST_TEST(!httpd.log().has("SB1103"));
    const Share without_standby = {{"first", 4}, {"other", 4}};
    BOOST_TEST((share_of_new_clients(*this, 8) == without_standby));
    expect("first");
    first.stop();
    allow_failed_connections();
    expect("second");
    first.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return client.get("/").member == "first"; }));
    expect("first");
}

BOOST_FIXTURE_TEST_CASE(a_standby_is_last_wherever_it_stands, SharedRoute)
{
    start("status=+H", "");
    expect("second");
    httpd.balancer_manager("app", "second", {{"w_status_D", "1"}});
    expect("first");
}

BOOST_FIXTURE_TEST_CASE(a_draining_member_keeps_the_clients_of_its_route, SharedRoute)
{
    start("", "");
    httpd.log().expect("SB1103");
    httpd.drain("app", "first");
    expect("first");
    const Share others = {{"second", 3}, {"other", 3}};
    BOOST_TEST((share_of_new_clients(*this, 6) == others));
}

BOOST_AUTO_TEST_SUITE_END()
