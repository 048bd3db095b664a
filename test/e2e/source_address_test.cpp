// SPDX-License-Identifier: Apache-2.0
//
// One server is a member several times, and each is reached from another address (source= of
// StickyMember).
// Caught if: members are one, a connection comes from another's address, or a client goes elsewhere.
#include <boost/test/unit_test.hpp>

#include <map>

#include "test/e2e/source_members.hpp"

using namespace stickybalancer::test;

namespace {

// Names for 127.0.0.1 that need no file of hosts.
std::string with_other_name(std::string url, int number)
{
    constexpr const char *kNames[] = {"127.0.0.1", "127.0.1",    "127.1",      "2130706433",
                                      "0x7f.1",    "0177.0.0.1", "0x7f000001", "localhost"};
    return url.replace(url.find("127.0.0.1"), 9, kNames[number - 1]);
}

struct Eight : Sources {
    FakeMember server = start_member("server");

    void expect_eight_members();
};

void Eight::expect_eight_members()
{
    std::map<std::string, int> peers;
    for (int i = 0; i < 16; ++i) {
        BOOST_TEST(new_browser().get("/").status == 200);
        ++peers[server.last_request().peer];
    }
    BOOST_TEST(peers.size() == 8u);
    for (const auto &[peer, count] : peers)
        BOOST_TEST(count == 2, peer);
    for (int number = 1; number <= 8; ++number) {
        Browser client = client_of(std::to_string(number));
        for (int i = 0; i < 4; ++i) {
            client.disconnect();  // so that other children serve it, too
            BOOST_TEST(client.get("/").set_cookies().empty());
            BOOST_TEST(server.last_request().peer == address(number));
        }
    }
}

struct Kinds : Sources {
    void run(MemberKind kind)
    {
        auto server = start_member("server", kind);
        start_httpd(site(members(server.url(), 2)));
        for (int i = 0; i < 3; ++i)
            for (int number = 1; number <= 2; ++number)
                BOOST_TEST(peer_of_client(server, std::to_string(number)) == address(number));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(source_address_test)

BOOST_FIXTURE_TEST_CASE(by_a_user_name_in_the_url, Eight)
{
    start_httpd(site(members(server.url(), 8)));
    expect_eight_members();
}

BOOST_FIXTURE_TEST_CASE(by_a_name_of_the_server_each, Eight)
{
    std::string text;
    for (int i = 1; i <= 8; ++i)
        text += member(with_other_name(server.url(), i), i);
    start_httpd(site(text));
    expect_eight_members();
}

// What the server is told is the same for all of them.
BOOST_FIXTURE_TEST_CASE(a_user_name_in_the_url_is_not_sent, Sources)
{
    auto server = start_member("server");
    start_httpd(site(members(server.url(), 2)));
    peer_of_client(server, "2", "/a%20path?q=1");
    const auto request = server.last_request();
    BOOST_TEST(request.target == "/a%20path?q=1");
    BOOST_TEST(request.headers.first("Host") == "127.0.0.1:" + std::to_string(server.port()));
    BOOST_TEST(request.headers.first("Authorization") == "");
}

// One of them has the URL that the server knows.
BOOST_FIXTURE_TEST_CASE(its_redirects_come_back_to_us, Sources)
{
    auto server = start_member("server");
    server.on("/old", Answer{.status = 302, .headers = {{"Location", server.url() + "/new"}}});
    start_httpd(site(member(server.url(), 1) + member(with_user(server.url(), "2"), 2)) +
                "ProxyPassReverse \"/\" \"balancer://app/\"\n");
    for (const auto *route : {"1", "2"})
        BOOST_TEST(client_of(route).get("/old").header("Location") ==
                   "http://127.0.0.1:" + std::to_string(httpd.port()) + "/new");
}

BOOST_FIXTURE_TEST_CASE(https, Kinds) { run(MemberKind::kHttps); }

BOOST_FIXTURE_TEST_CASE(ajp, Kinds) { run(MemberKind::kAjp); }

BOOST_FIXTURE_TEST_CASE(fcgi, Kinds) { run(MemberKind::kFcgi); }

BOOST_FIXTURE_TEST_CASE(h2c, Sources)
{
    auto &server = start_h2c_member("server");
    start_httpd(site(members(server.url(), 2)));
    for (int i = 0; i < 3; ++i)
        for (int number = 1; number <= 2; ++number)
            BOOST_TEST(client_of(std::to_string(number)).get("/").header("X-Peer") ==
                       address(number));
}

BOOST_FIXTURE_TEST_CASE(websocket, Sources)
{
    auto server = start_member("server");
    start_httpd(site(members(server.url(), 2, "upgrade=websocket")));
    for (int number = 1; number <= 2; ++number) {
        WebsocketClient socket(httpd.port(), "/socket",
                               {{"Cookie", "ROUTEID=." + std::to_string(number)}});
        BOOST_TEST(socket.ask("hello") == "hello");
        BOOST_TEST(server.last_request().peer == address(number));
    }
}

BOOST_FIXTURE_TEST_CASE(a_members_connections_are_kept_and_stay_its_own, Sources)
{
    auto server = start_member("server");
    start_httpd(site(members(server.url(), 2)));
    Browser clients[] = {client_of("1"), client_of("2")};
    for (int i = 0; i < 20; ++i)
        for (int number = 1; number <= 2; ++number) {
            BOOST_TEST(clients[number - 1].get("/").status == 200);
            BOOST_TEST(server.last_request().peer == address(number));
        }
    BOOST_TEST(server.accepted_count() <= 4);  // one for each member and child
}

BOOST_FIXTURE_TEST_CASE(a_failed_member_is_replaced_by_one_at_another_address, Sources)
{
    auto server = start_member("server"), gone = start_member("gone");
    start_httpd(site("BalancerMember \"" + gone.url() + "\" route=1\nBalancerMember \"" +
                     server.url() +
                     "\" route=2\nStickyMember 1 source=127.0.0.11\n"
                     "StickyMember 2 source=127.0.0.12"));
    BOOST_TEST(peer_of_client(gone, "1") == address(1));
    gone.stop();
    allow_failed_connections();
    BOOST_TEST(peer_of_client(server, "1") == address(2));
}

BOOST_FIXTURE_TEST_CASE(another_address_counts_after_a_graceful_restart, Sources)
{
    auto server = start_member("server");
    const auto text = [&](const std::string &source) {
        return site("BalancerMember \"" + server.url() +
                    "\" route=1\nStickyMember 1 source=" + source);
    };
    start_httpd(text("127.0.0.11"));
    BOOST_TEST(peer_of_client(server, "1") == "127.0.0.11");
    httpd.rewrite_config(text("127.0.0.12"));
    BOOST_TEST(peer_of_client(server, "1") == "127.0.0.12");
}

// Each has a state of its own, for good.
BOOST_FIXTURE_TEST_CASE(one_of_them_is_drained, Sources)
{
    auto server = start_member("server");
    start_httpd(site(members(server.url(), 3)));
    httpd.drain("app", with_user(server.url(), "2"));
    for (int round = 0; round < 2; ++round) {
        std::map<std::string, int> peers;
        for (int i = 0; i < 10; ++i) {
            new_browser().get("/");
            ++peers[server.last_request().peer];
        }
        BOOST_TEST(peers[address(1)] == 5);
        BOOST_TEST(peers[address(3)] == 5);
        BOOST_TEST(peer_of_client(server, "2") == address(2));
        httpd.stop();
        httpd.start_again();
    }
}

BOOST_AUTO_TEST_SUITE_END()
