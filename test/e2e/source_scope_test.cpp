// SPDX-License-Identifier: Apache-2.0
//
// source= of StickyMember and all that is not of that one member: other members, what is made of a request on
// the way, virtual hosts; and an address that cannot be had.
// Caught if: the address goes where it should not, or a host loses what it says itself.
#include <boost/test/unit_test.hpp>

#include "test/e2e/source_members.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(source_scope_test)

BOOST_FIXTURE_TEST_CASE(a_members_own_line_goes_over_that_of_all, Sources)
{
    auto server = start_member("server");
    start_httpd(site(members(server.url(), 2) + "BalancerMember \"" + with_user(server.url(), "3") +
                     "\" route=3\nStickyMember * source=127.0.0.99\n"));
    BOOST_TEST(peer_of_client(server, "2") == address(2));
    BOOST_TEST(peer_of_client(server, "3") == "127.0.0.99");
}

BOOST_FIXTURE_TEST_CASE(a_line_for_all_is_for_those_that_are_added_later, Sources)
{
    auto server = start_member("server");
    start_httpd(site("BalancerMember \"" + with_user(server.url(), "1") +
                     "\" route=1\nProxySet growth=2\nStickyMember * source=127.0.0.99\n"));
    const auto url = with_user(server.url(), "2");
    balancer_manager("app", "", {{"b_wyes", "1"}, {"b_nwrkr", url}});
    balancer_manager("app", url, {{"w_wr", "2"}, {"w_status_D", "0"}});
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(peer_of_client(server, "2") == "127.0.0.99");
}

BOOST_FIXTURE_TEST_CASE(others_are_reached_as_httpd_says, Sources)
{
    auto server = start_member("server");
    start_httpd(site("BalancerMember \"" + server.url() + "\" route=1\nBalancerMember \"" +
                     with_user(server.url(), "2") +
                     "\" route=2\nStickyMember 2 source=" + address(2)) +
                "ProxySourceAddress 127.0.0.7\n");
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(peer_of_client(server, "1") == "127.0.0.7");
        BOOST_TEST(peer_of_client(server, "2") == address(2));
    }
}

// Subrequests of an answer that comes from a member with an address, to servers without one, and to a
// member with another.
BOOST_FIXTURE_TEST_CASE(what_a_page_includes_comes_from_where_it_should, Sources)
{
    auto server = start_member("server"), plain = start_member("plain"),
         other = start_member("other");
    server.on("/page", Answer{.body = "<!--#include virtual=\"/plain/\" -->,"
                                      "<!--#include virtual=\"/second/\" -->,"
                                      "<!--#include virtual=\"/third/\" -->"});
    start_httpd(R"(
        <IfModule !include_module>
            LoadModule include_module "{modules}/mod_include.so"
        </IfModule>
        <Proxy "balancer://first">
            BalancerMember "{server.url}" route=1
            StickyMember 1 source=127.0.0.11
            StickyCookie insert
        </Proxy>
        <Proxy "balancer://second">
            BalancerMember "{other.url}" route=1
            StickyMember 1 source=127.0.0.12
        </Proxy>
        <Proxy "balancer://third">
            BalancerMember "{plain.url}" route=1
            StickyBalancer On
        </Proxy>
        <Location "/page">
            Options +Includes
            SetOutputFilter INCLUDES
        </Location>
        ProxyPass "/page" "balancer://first/page"
        ProxyPass "/second/" "balancer://second/"
        ProxyPass "/third/" "balancer://third/"
        ProxyPass "/plain/" "{plain.url}/"
    )");
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(new_browser().get("/page").body == "plain,other,plain");
        BOOST_TEST(server.last_request().peer == address(1));
        BOOST_TEST(other.last_request().peer == address(2));
    }
    BOOST_TEST(plain.requests().size() == 6u);
    for (const auto &request : plain.requests())
        BOOST_TEST(request.peer == "127.0.0.1");
}

// And httpd says so at each connection, as it does with ProxySourceAddress.
BOOST_FIXTURE_TEST_CASE(an_address_that_cannot_be_had_is_told_of_and_done_without, Sources)
{
    auto server = start_member("server");
    start_httpd(site(R"(
        BalancerMember "{server.url}" route=1
        BalancerMember "http://localhost:{server.port}" route=2
        StickyMember 1 source=192.0.2.9
        StickyMember 2 source=::1)"));
    httpd.log().expect("SB1126");
    BOOST_TEST(peer_of_client(server, "1") == "127.0.0.1");
    httpd.log().expect("AH00956");
    BOOST_TEST(peer_of_client(server, "2") == "127.0.0.1");
}

// Each host has a copy of its own, with its own timeout and log.
BOOST_FIXTURE_TEST_CASE(a_virtual_host_keeps_what_else_it_says, Sources)
{
    auto server = start_member("server");
    server.hold("/slow");
    start_httpd(site(members(server.url(), 1)) +
                "Listen 127.0.0.1:{port.slow}\n<VirtualHost 127.0.0.1:{port.slow}>\n"
                "ProxyTimeout 1\nErrorLog logs/host.log\n"
                "ProxyPass \"/\" \"balancer://app/\"\n</VirtualHost>\n");
    Browser client = new_browser({.port = httpd.port("slow")});
    BOOST_TEST(client.get("/").status == 200);
    BOOST_TEST(server.last_request().peer == address(1));
    BOOST_TEST(client.get("/slow").status == 502);
    server.release_all();
    BOOST_TEST(read_file(httpd.root() / "logs/host.log").find("AH01102") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
