// SPDX-License-Identifier: Apache-2.0
//
// failonstatus= and failontimeout=: an answer, or none in time, takes the member out of service
// until retry= has passed.
// Caught if: the member goes on being used, other statuses count too, the client's answer changes,
// or the member does not come back.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct FailingMember : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    Browser client = new_browser();

    void start(const std::string &balancer_words)
    {
        b.on("/500", Answer{.status = 500});
        b.on("/503", Answer{.status = 503});
        b.on("/404", Answer{.status = 404});
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b retry=1 timeout=1
                ProxySet )" +
                    balancer_words + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
        client = new_browser();
        client.add_cookie("ROUTEID", ".b");
    }
    bool comes_back()
    {
        return wait_until(within(std::chrono::seconds(10)), [&] {
            Browser again = new_browser();
            again.add_cookie("ROUTEID", ".b");
            return again.get("/").member == "b";
        });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(failonstatus_test)

BOOST_FIXTURE_TEST_CASE(a_listed_status_takes_the_member_out, FailingMember)
{
    start("failonstatus=500,503");
    BOOST_TEST(client.get("/500").status == 500);
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
    const auto moved = client.get("/");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
    const Share all_on_a = {{"a", 4}};
    BOOST_TEST((share_of_new_clients(*this, 4) == all_on_a));
    httpd.log().expect("SB2001");
    BOOST_TEST(comes_back());
    BOOST_TEST(client.get("/").member == "a");
    for (const auto *id : {"AH01174", "SB2101"})
        httpd.log().allow(id);
}

// The member has answered: its answer is the client's, and nobody else is asked.
BOOST_FIXTURE_TEST_CASE(a_listed_503_is_answered_once, FailingMember)
{
    start("failonstatus=500,503");
    b.on("/503", Answer{.status = 503, .body = "of b"});
    const auto answer = client.get("/503");
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.body == "of b");
    BOOST_TEST(a.requests().empty());
    BOOST_TEST(client.get("/").member == "a");
    httpd.log().expect("SB2001");
    for (const auto *id : {"AH01174", "SB2101"})
        httpd.log().allow(id);
}

BOOST_FIXTURE_TEST_CASE(other_statuses_do_not_count, FailingMember)
{
    start("failonstatus=503");
    for (const auto *path : {"/404", "/500", "/"}) {
        client.get(path);
        BOOST_TEST(client.get("/").member == "b");
    }
    BOOST_TEST(!httpd.log().has("SB2001"));
}

BOOST_FIXTURE_TEST_CASE(without_failonstatus_no_status_counts, FailingMember)
{
    start("nofailover=Off");
    for (const auto *path : {"/500", "/503"})
        client.get(path);
    BOOST_TEST(client.get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(a_timeout_takes_the_member_out_where_failontimeout_is_on, FailingMember)
{
    start("failontimeout=On");
    b.hold("/slow");
    const auto answer = client.get("/slow");
    BOOST_TEST((answer.status == 502 || answer.status == 504));
    httpd.log().expect("SB2002");
    httpd.log().expect("SB2101");
    for (const auto *id : {"AH01102", "AH02460", "AH00898"})
        httpd.log().allow(id);
    BOOST_TEST(client.get("/").member == "a");
    b.release("/slow");
    BOOST_TEST(comes_back());
}

BOOST_FIXTURE_TEST_CASE(and_not_where_it_is_off, FailingMember)
{
    start("failontimeout=Off");
    b.hold("/slow");
    const auto answer = client.get("/slow");
    BOOST_TEST((answer.status == 502 || answer.status == 504));
    for (const auto *id : {"AH01102", "AH02460", "AH00898"})
        httpd.log().allow(id);
    BOOST_TEST(client.get("/").member == "b");
    b.release("/slow");
}

BOOST_AUTO_TEST_SUITE_END()
