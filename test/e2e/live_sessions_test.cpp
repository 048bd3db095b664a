// SPDX-License-Identifier: Apache-2.0
//
// A WebSocket, a long answer and a long upload are use: their session does not expire while they last.
// Caught if: the session is gone when the client's next request comes, a graceful restart ends its being
// kept, or it is kept for ever after.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Live : SessionScenario {
    void begin()
    {
        start_httpd(std::string(kServerStatus) +
                    site("StickyOn cookie:JSESSIONID learn=response\nStickyTable size=64 expire=2s",
                         "retry=1 upgrade=websocket"));
    }
    // Another session, learned now and used no more, has expired: so much time has gone by.
    void let_another_expire()
    {
        const int before = count("Sessions");
        log_in();
        BOOST_TEST(count("Sessions") == before + 1);
        BOOST_TEST(wait_until_shown(*this, "Sessions", std::to_string(before)));
    }
    void expect_kept(const std::string &id)
    {
        new_browser().get("/after", cookie(id));
        const auto line = logged(httpd, "/after");
        BOOST_TEST(line.at("member") == member_of(id));
        BOOST_TEST(line.at("cause") == "table");
    }
    // Nobody has it any more.
    void expect_to_expire() { BOOST_TEST(wait_until_shown(*this, "Sessions", "0")); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_sessions_test)

BOOST_FIXTURE_TEST_CASE(a_websocket_that_says_nothing_keeps_its_session, Live)
{
    begin();
    const auto id = log_in();
    {
        WebsocketClient socket(httpd.port(), "/socket", cookie(id));
        BOOST_TEST(socket.member() == member_of(id));
        let_another_expire();
        let_another_expire();
        expect_kept(id);
        BOOST_TEST(socket.ask("hello") == "hello");
    }
    expect_to_expire();
}

// The child that has it ends only when the WebSocket does.
BOOST_FIXTURE_TEST_CASE(also_in_a_child_that_ends_gracefully, Live)
{
    begin();
    const auto id = log_in();
    {
        WebsocketClient socket(httpd.port(), "/socket", cookie(id));
        BOOST_TEST(socket.ask("before") == "before");
        httpd.graceful();
        let_another_expire();
        let_another_expire();
        expect_kept(id);
        BOOST_TEST(socket.ask("after") == "after");
    }
    expect_to_expire();
}

// A session that only the WebSocket has brought.
BOOST_FIXTURE_TEST_CASE(a_websocket_is_an_answer_to_learn_from, Live)
{
    start_httpd(std::string(kServerStatus) +
                site("StickyOn query:sid\nStickyTable size=64 expire=2s", "upgrade=websocket"));
    WebsocketClient socket(httpd.port(), "/socket?sid=x");
    BOOST_TEST(is_kept({}, socket.member(), "/?sid=x"));
    BOOST_TEST(socket.ask("hello") == "hello");
    socket.close();
}

// As mod_proxy_wstunnel does it without mod_proxy_http.
BOOST_FIXTURE_TEST_CASE(a_raw_tunnel_is_one_too, Scenario)
{
    auto a = start_member("a"), b = start_member("b");
    start_httpd(std::string(kServerStatus) +
                "ProxyWebsocketFallbackToProxyHttp Off\n"
                "<Proxy \"balancer://app\">\n"
                "BalancerMember \"ws://127.0.0.1:{a.port}\" route=a\n"
                "BalancerMember \"ws://127.0.0.1:{b.port}\" route=b\n"
                "StickyOn query:sid\nStickyTable size=64 expire=2s\n</Proxy>\n"
                "ProxyPass \"/\" \"balancer://app/\"\n");
    WebsocketClient socket(httpd.port(), "/socket?sid=x");
    BOOST_TEST(socket.ask("hello") == "hello");
    BOOST_TEST(shown(*this, "Sessions.learned") == "1");
    for (int i = 0; i < 4; ++i) {
        WebsocketClient other(httpd.port(), "/socket?sid=x");
        BOOST_TEST(other.member() == socket.member());
        other.close();
    }
    socket.close();
}

BOOST_FIXTURE_TEST_CASE(a_refused_upgrade_is_an_answer_as_any_other, Live)
{
    begin();
    for (auto &each : members)
        each.on("/refused", Answer{.status = 403, .headers = {{"Set-Cookie", "JSESSIONID=x"}}});
    const auto refused = WebsocketClient(httpd.port(), "/refused").handshake();
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(is_kept(cookie("x"), refused.member));
}

BOOST_FIXTURE_TEST_CASE(a_long_answer_keeps_its_session, Live)
{
    begin();
    const auto id = log_in();
    auto &slow = member(member_of(id));
    slow.hold("/slow");
    Browser client = new_browser();
    client.add_cookie("JSESSIONID", id);
    auto answer = client.start_get("/slow");
    BOOST_REQUIRE(slow.wait_held("/slow", 1));
    let_another_expire();
    let_another_expire();
    expect_kept(id);
    slow.release("/slow");
    BOOST_TEST(answer.wait().status == 200);
    expect_to_expire();
}

BOOST_FIXTURE_TEST_CASE(a_long_upload_keeps_its_session, Live)
{
    begin();
    const auto id = log_in();
    RawConnection upload(httpd.port());
    upload.send(
        "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nCookie: "
        "JSESSIONID=" +
        id + "\r\nConnection: close\r\n\r\nhalf.");
    let_another_expire();
    let_another_expire();
    expect_kept(id);
    upload.send("other");
    BOOST_TEST(upload.read_response().member == member_of(id));
    BOOST_TEST(member(member_of(id)).last_request().body == "half.other");
    expect_to_expire();
}

BOOST_AUTO_TEST_SUITE_END()
