// SPDX-License-Identifier: Apache-2.0
//
// A WebSocket goes through the balancer to the client's own member.
// Caught if: an upgrade lands on another member, finds none when its own is down, or is cut by a drain.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Sockets : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    Sockets()
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a upgrade=websocket
                BalancerMember "{b.url}" route=b upgrade=websocket
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(websocket_sticky_test)

BOOST_FIXTURE_TEST_CASE(a_socket_goes_where_its_page_came_from, Sockets)
{
    for (const auto *member : {"a", "b"}) {
        Browser page = new_browser_on(member);
        for (int i = 0; i < 4; ++i) {
            WebsocketClient socket(httpd.port(), "/socket",
                                   {{"Cookie", "ROUTEID=" + page.cookie("ROUTEID")}});
            BOOST_TEST(socket.handshake().status == 101);
            BOOST_TEST(socket.member() == member);
            BOOST_TEST(socket.handshake().set_cookies().empty());
            BOOST_TEST(socket.ask("hello") == "hello");
        }
        BOOST_TEST(page.get("/").member == member);
    }
}

// httpd passes the member's own headers of a 101 on, and no others: there is no cookie to expect.
BOOST_FIXTURE_TEST_CASE(sockets_of_new_clients_are_shared_out, Sockets)
{
    std::set<std::string> seen;
    for (int i = 0; i < 4; ++i) {
        WebsocketClient socket(httpd.port(), "/socket");
        BOOST_TEST(socket.handshake().status == 101);
        BOOST_TEST(socket.ask("hello") == "hello");
        seen.insert(socket.member());
    }
    BOOST_TEST(seen.size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_socket_whose_member_is_down_goes_to_another, Sockets)
{
    b.stop();
    allow_failed_connections();
    WebsocketClient socket(httpd.port(), "/socket", {{"Cookie", "ROUTEID=.b"}});
    BOOST_TEST(socket.handshake().status == 101);
    BOOST_TEST(socket.member() == "a");
    BOOST_TEST(httpd.log().count("AH00957") == 1);
    BOOST_TEST((socket.ask(std::string(1000, 'x')) == std::string(1000, 'x')));
}

BOOST_FIXTURE_TEST_CASE(open_sockets_are_not_disturbed_by_a_drain, Sockets)
{
    WebsocketClient socket(httpd.port(), "/socket", {{"Cookie", "ROUTEID=.b"}});
    BOOST_TEST(socket.ask("before") == "before");
    httpd.drain("app", "b");
    BOOST_TEST(socket.ask("after") == "after");
    WebsocketClient second(httpd.port(), "/socket", {{"Cookie", "ROUTEID=.b"}});
    BOOST_TEST(second.member() == "b");
    WebsocketClient fresh(httpd.port(), "/socket");
    BOOST_TEST(fresh.member() == "a");
}

BOOST_AUTO_TEST_SUITE_END()
