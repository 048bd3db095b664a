// SPDX-License-Identifier: Apache-2.0
//
// Every request of a connection is looked at for itself, however long the connection lasts.
// Caught if: a connection is bound by its first request, or an answer's cookie goes to the next.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct ThreeMembers : Scenario {
    ThreeMembers()
    {
        start_member("a"), start_member("b"), start_member("c");
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                BalancerMember "{c.url}" route=c
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/" stickysession=ROUTEID
        )");
    }
};

std::string get(const std::string &cookie)
{
    return "GET /page HTTP/1.1\r\nHost: x\r\n" +
           (cookie.empty() ? "" : "Cookie: ROUTEID=" + cookie + "\r\n") + "\r\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(keep_alive_test)

BOOST_FIXTURE_TEST_CASE(many_clients_share_a_connection, ThreeMembers)
{
    RawConnection connection(httpd.port());
    for (int i = 0; i < 300; ++i) {
        const std::string wanted = std::vector<std::string>{"a", "b", "c", "", "gone"}[i % 5u];
        connection.send(get(wanted.empty() ? "" : "." + wanted));
        const auto answer = connection.read_response();
        BOOST_REQUIRE(answer.status == 200);
        if (i % 5 < 3) {
            BOOST_TEST(answer.member == wanted);
            BOOST_TEST(answer.set_cookies().empty());
        } else {
            BOOST_TEST(answer.set_cookies().size() == 1u);
            BOOST_TEST(answer.set_cookie("ROUTEID").starts_with("ROUTEID=." + answer.member + ';'));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(requests_in_one_segment_each_find_their_member, ThreeMembers)
{
    RawConnection connection(httpd.port());
    std::string all;
    for (int i = 0; i < 20; ++i)
        all += get(".c") + get(".a") + get("") + get("session.b");
    connection.send(all);
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(connection.read_response().member == "c");
        BOOST_TEST(connection.read_response().member == "a");
        BOOST_TEST(connection.read_response().set_cookies().size() == 1u);
        const auto last = connection.read_response();
        BOOST_TEST(last.member == "b");
        BOOST_TEST(last.set_cookies().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(the_first_request_of_a_browser_binds_the_others, ThreeMembers)
{
    Browser client = new_browser();
    const auto member = client.get("/1").member;
    for (int i = 2; i < 100; ++i) {
        const auto answer = client.get("/" + std::to_string(i));
        BOOST_TEST(answer.member == member);
        BOOST_TEST(answer.set_cookies().empty());
    }
    BOOST_TEST(client.connection_count() == 1);
    client.forget_cookies();  // a new client on the old connection
    BOOST_TEST(client.get("/").set_cookies().size() == 1u);
    BOOST_TEST(client.connection_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
