// SPDX-License-Identifier: Apache-2.0
//
// The harness itself, against mod_proxy_balancer and the recipe that its manual gives for sticky
// sessions. Caught if: a member, a client or the log cannot be relied on in the other tests.
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <algorithm>
#include <set>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

// A balancer of these members, with the recipe.
std::string sticky(const std::vector<std::string> &members, const std::string &more = {})
{
    std::string text = "<Proxy \"balancer://app\">\n";
    for (const auto &member : members)
        text +=
            "    BalancerMember \"{" + member + ".url}\" route=" + member + " upgrade=websocket\n";
    return text + more + "</Proxy>\n" + R"(
        Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" \
            env=BALANCER_ROUTE_CHANGED
        ProxyPass "/" "balancer://app/" stickysession=ROUTEID
    )";
}

auto with_http2()
{
    return boost::unit_test::precondition(
        [](boost::unit_test::test_unit_id) { return has_http2_for_clients(); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(harness_test)

BOOST_FIXTURE_TEST_CASE(a_new_client_gets_a_cookie_and_comes_back_to_its_member, Scenario)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd(sticky({"a", "b"}));

    std::set<std::string> seen;
    for (int i = 0; i < 4; ++i) {
        Browser client = new_browser();
        const auto first = client.get("/");
        BOOST_TEST(first.status == 200);
        BOOST_TEST(first.body == first.member);
        BOOST_TEST(first.set_cookie("ROUTEID") == "ROUTEID=." + first.member + "; path=/");
        BOOST_TEST(client.cookie("ROUTEID") == "." + first.member);
        const auto second = client.get("/");
        BOOST_TEST(second.member == first.member);
        BOOST_TEST(second.set_cookies().empty());
        BOOST_TEST(client.connection_count() == 1);
        seen.insert(first.member);
    }
    BOOST_TEST(seen.size() == 2u);
    BOOST_TEST(a.requests().size() == 4u);
    BOOST_TEST(b.last_request().cookie("ROUTEID").value_or("none") == ".b");
    const auto lines = httpd.access_log().wait_for(8);
    BOOST_TEST(std::count_if(lines.begin(), lines.end(), [](const auto &line) {
                   return line.at("changed") == "1" && line.at("route") != "-";
               }) == 4);
}

BOOST_FIXTURE_TEST_CASE(a_refused_connection_fails_over_and_the_member_comes_back, Scenario)
{
    auto a = start_member("a"), b = start_member("b");
    start_httpd(sticky({"a", "b"}));
    Browser client = new_browser_on("b");

    b.stop();
    client.disconnect();
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
    httpd.log().expect("AH00957");
    allow_failed_connections();

    b.start_again();
    httpd.graceful();  // which forgets that b was in error
    BOOST_TEST(new_browser_on("b").get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(an_administrator_drains_a_member, Scenario)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd(sticky({"a", "b"}));
    Browser kept = new_browser_on("b");

    httpd.drain("app", "b");
    BOOST_TEST(kept.get("/").member == "b");
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(new_browser().get("/").member == "a");

    httpd.undrain("app", "b");
    BOOST_TEST(new_browser_on("b").get("/").member == "b");
}

BOOST_FIXTURE_TEST_CASE(an_administrator_adds_a_member, Scenario)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd(sticky({"a"}, "ProxySet growth=2\n"));
    balancer_manager("app", "", {{"b_wyes", "1"}, {"b_nwrkr", b.url()}});
    balancer_manager("app", b.url(), {{"w_status_D", "0"}, {"w_wr", "b"}, {"w_lf", "2"}});
    BOOST_TEST(new_browser_on("b").cookie("ROUTEID") == ".b");
}

BOOST_FIXTURE_TEST_CASE(every_kind_of_member_answers, Scenario)
{
    const std::vector<std::pair<std::string, MemberKind>> kinds = {
        {"http", MemberKind::kHttp},
        {"https", MemberKind::kHttps},
        {"ajp", MemberKind::kAjp},
        {"fcgi", MemberKind::kFcgi},
        {"unix", MemberKind::kUnixSocket}};
    std::vector<FakeMember> members;
    std::string text;
    for (const auto &[name, kind] : kinds) {
        members.push_back(start_member(name, kind));
        members.back().echo_body_on("/" + name + "/echo");
        members.back().echo_body_on("/echo");
        text += "<Proxy \"balancer://" + name + "\">\n    BalancerMember \"{" + name +
                ".url}\" route=" + name + "\n</Proxy>\n" + "ProxyPass \"/" + name +
                "/\" \"balancer://" + name + "/\"\n";
    }
    start_h2c_member("h2c");
    text +=
        "<Proxy \"balancer://h2c\">\n    BalancerMember \"{h2c.url}\"\n</Proxy>\n"
        "ProxyPass \"/h2c/\" \"balancer://h2c/\"\n";
    start_httpd(text);

    Browser client = new_browser();
    const std::string large(100'000, 'x');
    for (const auto &member : members) {
        const auto path = "/" + member.name() + "/";
        const auto answer = client.get(path + "?q=1", {{"X-Seen", "yes"}});
        BOOST_TEST_CONTEXT("member " << member.name())
        {
            BOOST_TEST(answer.status == 200);
            BOOST_TEST(answer.member == member.name());
            BOOST_TEST(answer.body == member.name());
            BOOST_TEST(member.last_request().method == "GET");
            BOOST_TEST(member.last_request().target.find("?q=1") != std::string::npos);
            BOOST_TEST(member.last_request().headers.first("X-Seen") == "yes");
            BOOST_TEST((client.post(path + "echo", large).body == large));
            BOOST_TEST((client.post_chunked(path + "echo", large).body == large));
        }
    }
    BOOST_TEST(client.get("/h2c/").member == "h2c");
    BOOST_TEST(client.get("/h2c/").body == "h2c");
}

BOOST_FIXTURE_TEST_CASE(members_do_what_a_test_asks_of_them, Scenario)
{
    auto a = start_member("a");
    a.on("/teapot",
         Answer{.status = 418, .headers = {{"Set-Cookie", "x=1"}, {"Set-Cookie", "y=2"}}});
    a.on("/chunked", Answer{.body = std::string("some body"), .chunked = true});
    a.on("/gone", Answer{.ending = Ending::kCloseUnanswered});
    a.on("/reset", Answer{.ending = Ending::kResetUnanswered});
    a.on("/half", Answer{.body = std::string(1000, 'x'), .ending = Ending::kCloseInBody});
    start_httpd("ProxyPass \"/\" \"{a.url}/\"");

    Browser client = new_browser();
    const auto teapot = client.get("/teapot;v=1?q");
    BOOST_TEST(teapot.status == 418);
    const std::vector<std::string> cookies = {"x=1", "y=2"};
    BOOST_TEST(teapot.set_cookies() == cookies);
    BOOST_TEST(client.get("/chunked").body == "some body");
    BOOST_TEST(client.request("HEAD", "/").member == "a");
    BOOST_TEST(client.get("/gone").status == 502);
    BOOST_TEST(client.get("/reset").status == 502);
    BOOST_TEST(client.get("/half").body.size() < 1000u);
    a.close_after_accept(true);
    BOOST_TEST(client.get("/").status == 502);
    httpd.log().allow("AH01102");  // error reading status line
    httpd.log().allow("AH00898");  // error reading from remote server
    httpd.log().allow("AH01110");  // error reading response
}

BOOST_FIXTURE_TEST_CASE(requests_can_be_held, Scenario)
{
    auto a = start_member("a");
    start_httpd("ProxyPass \"/\" \"{a.url}/\"");
    a.hold("/slow");
    Browser one = new_browser(), two = new_browser(), given_up = new_browser();
    auto first = one.start_get("/slow");
    auto second = two.start_get("/slow");
    {
        const auto third = given_up.start_get("/slow");
        BOOST_TEST(a.wait_held("/slow", 3));
    }
    BOOST_TEST(new_browser().get("/").status == 200);
    a.release("/slow");
    BOOST_TEST(first.wait().body == "a");
    BOOST_TEST(second.wait().body == "a");
}

BOOST_FIXTURE_TEST_CASE(a_websocket_goes_through_the_proxy, Scenario)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd(sticky({"a", "b"}));
    WebsocketClient client(httpd.port(), "/socket", {{"Cookie", "ROUTEID=.b"}});
    BOOST_TEST(client.handshake().status == 101);
    BOOST_TEST(client.member() == "b");
    BOOST_TEST(client.ask("hello") == "hello");
    BOOST_TEST((client.ask(std::string(1000, 'x')) == std::string(1000, 'x')));
    client.close();
}

BOOST_FIXTURE_TEST_CASE(clients_speak_tls, Scenario)
{
    const auto a = start_member("a");
    start_httpd(sticky({"a"}), {.tls = true});
    Browser client = new_browser({.protocol = Protocol::kHttp1Tls, .host = "www.example.test"});
    const auto answer = client.get("/");
    BOOST_TEST(answer.error == "");
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
}

BOOST_FIXTURE_TEST_CASE(clients_speak_http2, Scenario, *with_http2())
{
    const auto a = start_member("a");
    start_httpd(sticky({"a"}), {.tls = true, .http2 = true});
    for (const auto protocol : {Protocol::kH2c, Protocol::kH2Tls}) {
        const auto answer = new_browser({.protocol = protocol}).get("/");
        BOOST_TEST(answer.error == "");
        BOOST_TEST(answer.http_version == "2");
        BOOST_TEST(answer.member == "a");
        BOOST_TEST(answer.set_cookie("ROUTEID") == "ROUTEID=.a; path=/");
    }
}

BOOST_FIXTURE_TEST_CASE(clients_come_from_other_addresses_and_send_any_bytes, Scenario)
{
    const auto a = start_member("a");
    start_httpd(sticky({"a"}));
    new_browser({.source = "127.0.0.7"}).get("/");
    BOOST_TEST(a.last_request().headers.first("X-Forwarded-For") == "127.0.0.7");

    Browser raw = new_browser();
    raw.send_raw_cookies("ROUTEID=\".a\"; x");
    raw.get("/");
    BOOST_TEST(a.last_request().headers.first("Cookie") == "ROUTEID=\".a\"; x");

    RawConnection connection(httpd.port());
    for (int i = 0; i < 2; ++i) {
        connection.send("GET /pipelined HTTP/1.1\r\nHost: x\r\n\r\n");
        BOOST_TEST(connection.read_response().member == "a");
    }
    const auto answer = raw_exchange(httpd.port(), "GET / HTTP/9.9 nonsense\r\n\r\n");
    BOOST_TEST(answer.find("400 Bad Request") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_second_httpd_and_further_ports_serve_the_same_members, Scenario)
{
    const auto a = start_member("a");
    const std::string text = "Listen [::1]:{port.six}\nProxyPass \"/\" \"{a.url}/\"";
    start_httpd(text);
    auto &other = start_other_httpd(text);
    BOOST_TEST(other.port() != httpd.port());
    BOOST_TEST(new_browser(options_for(other, Protocol::kHttp1)).get("/").member == "a");
    BrowserOptions six;
    six.port = httpd.port("six");
    six.host = "www.example.test";
    six.address = "::1";
    BOOST_TEST(new_browser(six).get("/").member == "a");
    BOOST_TEST(a.last_request().headers.first("X-Forwarded-For") == "::1");
}

BOOST_FIXTURE_TEST_CASE(httpd_restarts_in_every_way, Scenario)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd("ProxyPass \"/\" \"{a.url}/\"");
    const auto pid = httpd.pid();
    BOOST_TEST(new_browser().get("/").member == "a");
    httpd.rewrite_config("ProxyPass \"/\" \"{b.url}/\"");
    BOOST_TEST(httpd.pid() == pid);
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(new_browser().get("/").member == "b");
    httpd.restart();
    BOOST_TEST(new_browser().get("/").member == "b");
    httpd.stop();
    BOOST_TEST(new_browser().get("/").status == 0);
    httpd.start_again();
    BOOST_TEST(new_browser().get("/").member == "b");
    httpd.kill_all();
    BOOST_TEST(new_browser().get("/").status == 0);
    httpd.start_again();
    BOOST_TEST(new_browser().get("/").member == "b");
    httpd.stop_gracefully();
}

BOOST_FIXTURE_TEST_CASE(configurations_are_tested_without_a_start, Scenario)
{
    BOOST_TEST(httpd.config_test("ProxyPass \"/\" \"http://127.0.0.1:{port.member}/\"").accepted());
    const auto refused = httpd.config_test("Timeout 5\nNoSuchDirective on\n");
    BOOST_TEST(!refused.accepted());
    BOOST_TEST(refused.says("line 2"));
    BOOST_TEST(refused.says("Invalid command 'NoSuchDirective'"));
    BOOST_CHECK_THROW(httpd.config_test("{nobody.url}"), std::invalid_argument);
    BOOST_CHECK_THROW(httpd.start("NoSuchDirective on"), std::runtime_error);
    httpd.log().allow("NoSuchDirective");
    httpd.log().allow("AH00526");  // Syntax error on line ...
}

// The oracle must be able to fail: what finish() returns is what the destructor reports as errors.
BOOST_AUTO_TEST_CASE(an_unnamed_warning_fails_a_test)
{
    Scenario inner;
    auto a = inner.start_member("a");
    inner.start_httpd("ProxyPass \"/\" \"{a.url}/\"");
    a.stop();
    BOOST_TEST(inner.new_browser().get("/").status == 503);
    inner.httpd.log().expect("AH00957");
    const auto complaints = inner.finish();
    BOOST_REQUIRE(!complaints.empty());
    const auto count = [&](const std::string &text) {
        return std::count_if(complaints.begin(), complaints.end(), [&](const std::string &line) {
            return line.find(text) != std::string::npos;
        });
    };
    BOOST_TEST(count("AH00957") == 0);
    BOOST_TEST(count("AH01114") == 1);
    BOOST_TEST(complaints.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_killed_child_fails_a_test)
{
    Scenario inner;
    inner.start_httpd("");
    ::kill(inner.httpd.children().front(), SIGSEGV);
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return inner.httpd.log().has("exit signal"); }));
    const auto complaints = inner.finish();
    BOOST_REQUIRE(!complaints.empty());
    // A sanitizer says where it was, and aborts.
    BOOST_TEST(std::any_of(complaints.begin(), complaints.end(), [](const std::string &line) {
        return line.find("exit signal") != std::string::npos;
    }));
}

BOOST_AUTO_TEST_SUITE_END()
