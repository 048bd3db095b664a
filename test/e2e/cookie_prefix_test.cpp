// SPDX-License-Identifier: Apache-2.0
//
// prefix: what the application sets reaches the client with the member's route before its value,
// and what the client sends reaches the member without it.
// Caught if: a byte beside the value changes, a member sees a prefix or a client gets a cookie that
// no application set, one request of a connection or one kind of member is left out, or a second
// attempt gets what the first one left.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <regex>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;
using boost::test_tools::per_element;
using Lines = std::vector<std::string>;

namespace {

const Lines kNoLines = {};

std::string site(const std::string &sticky = "StickyCookie prefix", const std::string &more = {})
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            )" +
           sticky + R"(
        </Proxy>
        ProxyPass "/" "balancer://app/" stickysession=JSESSIONID
        CustomLog "{root}/logs/cookies.log" "%{Cookie}i"
    )" + more;
}

// What members do with /login.
const std::string kLogin = "JSESSIONID=123; Path=/; HttpOnly";

struct TwoMembers : Scenario {
    FakeMember a, b;

    explicit TwoMembers(MemberKind kind = MemberKind::kHttp)
        : a(start_member("a", kind)), b(start_member("b", kind))
    {
        for (auto *member : {&a, &b})
            member->on("/login", Answer{.headers = {{"Set-Cookie", kLogin}}});
    }
    const FakeMember &named(const std::string &name) const { return name == "a" ? a : b; }

    // One request with this Cookie line; the Cookie lines that the member got are in seen_.
    Response ask(const std::string &cookie, const std::string &path = "/", Headers more = {})
    {
        Browser client = new_browser();
        more.push_back({"Cookie", cookie});
        const auto answer = client.get(path, more);
        BOOST_REQUIRE(answer.status == 200);
        seen_ = named(answer.member).last_request().headers.all("Cookie");
        return answer;
    }
    Lines seen_;

    // Clients of this cookie are placed as new ones are, and the member sees this instead.
    void expect_unbound(const std::string &cookie, const std::string &seen)
    {
        BOOST_TEST_CONTEXT(cookie)
        {
            Share share;
            for (int i = 0; i < 4; ++i) {
                const auto answer = ask(cookie);
                BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
                BOOST_TEST(seen_ == Lines{seen}, per_element());
                ++share[answer.member];
            }
            const Share even = {{"a", 2}, {"b", 2}};
            BOOST_TEST((share == even));
        }
    }
    void expect_bound(const std::string &cookie, const std::string &member, const std::string &seen)
    {
        BOOST_TEST_CONTEXT(cookie)
        {
            for (int i = 0; i < 3; ++i) {
                const auto answer = ask(cookie);
                BOOST_TEST(answer.member == member);
                BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
                BOOST_TEST(seen_ == Lines{seen}, per_element());
            }
        }
    }
    void write_keys()
    {
        write_private_file(httpd.root() / "conf/keys", "k1:" + std::string(64, '5') + '\n');
    }
};

auto with_http2()
{
    return boost::unit_test::precondition(
        [](boost::unit_test::test_unit_id) { return has_http2_for_clients(); });
}

// A line that the application sets, and the same as the client gets it; @ stands for "a~".
const std::pair<const char *, const char *> kSetCookies[] = {
    {"JSESSIONID=123", "JSESSIONID=@123"},
    {"JSESSIONID=123; Path=/app; Domain=example.test; Max-Age=60; HttpOnly; SameSite=Strict",
     "JSESSIONID=@123; Path=/app; Domain=example.test; Max-Age=60; HttpOnly; SameSite=Strict"},
    {"JSESSIONID=123; Expires=Wed, 09 Jun 2055 10:18:14 GMT; path=/; secure; Priority=High",
     "JSESSIONID=@123; Expires=Wed, 09 Jun 2055 10:18:14 GMT; path=/; secure; Priority=High"},
    {"JSESSIONID=\"123\"; Version=1; Path=\"/\"", "JSESSIONID=\"@123\"; Version=1; Path=\"/\""},
    {"JSESSIONID=; Path=/", "JSESSIONID=@; Path=/"},
    {"JSESSIONID=; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Path=/",
     "JSESSIONID=@; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Path=/"},
    {"JSESSIONID=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/",
     "JSESSIONID=@deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/"},
    {"JSESSIONID=123;Path=/;HttpOnly", "JSESSIONID=@123;Path=/;HttpOnly"},
    {"JSESSIONID = 123 ;  Path = / ;; secure ;x", "JSESSIONID = @123 ;  Path = / ;; secure ;x"},
    {"JSESSIONID=1~2~3; Path=/", "JSESSIONID=@1~2~3; Path=/"},
    {"JSESSIONID=b~3; Path=/", "JSESSIONID=@b~3; Path=/"},
    {"JSESSIONID=1=2,3.b; Path=/", "JSESSIONID=@1=2,3.b; Path=/"},
    // not the application's session cookie
    {"jsessionid=123; Path=/", "jsessionid=123; Path=/"},
    {"JSESSIONIDX=123; Path=/", "JSESSIONIDX=123; Path=/"},
    {"XJSESSIONID=123; Path=/", "XJSESSIONID=123; Path=/"},
    {"other=1; JSESSIONID=123", "other=1; JSESSIONID=123"},
    {"other=JSESSIONID=123; Path=/", "other=JSESSIONID=123; Path=/"},
    {"JSESSIONID; Path=/", "JSESSIONID; Path=/"},
};

struct Kind {
    const char *name;
    MemberKind kind;
};
std::ostream &operator<<(std::ostream &out, const Kind &kind) { return out << kind.name; }
const Kind kKinds[] = {{"http", MemberKind::kHttp},
                       {"https", MemberKind::kHttps},
                       {"unix", MemberKind::kUnixSocket},
                       {"ajp", MemberKind::kAjp},
                       {"fcgi", MemberKind::kFcgi}};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_prefix_test)

BOOST_FIXTURE_TEST_CASE(nothing_but_the_value_changes, TwoMembers)
{
    start_httpd(site());
    int row = 0;
    for (const auto &[set, expected] : kSetCookies) {
        const auto path = "/row-" + std::to_string(++row);
        a.on(path, Answer{.headers = {{"Set-Cookie", set}}});
        const auto wanted = std::regex_replace(std::string(expected), std::regex("@"), "a~");
        const auto answer = ask("JSESSIONID=a~0", path);
        BOOST_TEST(answer.set_cookies() == Lines{wanted}, per_element());
    }
}

BOOST_FIXTURE_TEST_CASE(every_line_of_the_name_gets_the_prefix, TwoMembers)
{
    a.on("/", Answer{.headers = {{"Set-Cookie", "lang=en; Path=/"},
                                 {"Set-Cookie", "JSESSIONID=; Path=/old; Max-Age=0"},
                                 {"Set-Cookie", "JSESSIONID=123; Path=/"},
                                 {"Set-Cookie", "JSESSIONID2=4"}}});
    start_httpd(site());
    const Lines expected = {"lang=en; Path=/", "JSESSIONID=a~; Path=/old; Max-Age=0",
                            "JSESSIONID=a~123; Path=/", "JSESSIONID2=4"};
    BOOST_TEST(ask("JSESSIONID=a~0").set_cookies() == expected, per_element());
}

BOOST_FIXTURE_TEST_CASE(other_headers_and_every_status_stay, TwoMembers)
{
    const Headers sent = {{"Cache-Control", "public, max-age=60"},
                          {"Expires", "Wed, 09 Jun 2055 10:18:14 GMT"},
                          {"Vary", "Accept-Language"},
                          {"ETag", "\"1\""},
                          {"Set-Cookie", kLogin}};
    const std::vector<int> statuses = {200, 201, 302, 304, 404, 500, 503};
    for (const int status : statuses)
        a.on("/" + std::to_string(status), Answer{.status = status, .headers = sent});
    start_httpd(site());
    for (const int status : statuses)
        for (const auto *method : {"GET", "HEAD", "POST"}) {
            const auto answer =
                new_browser().request(method, "/" + std::to_string(status),
                                      method[0] == 'P' ? "x" : "", {{"Cookie", "JSESSIONID=a~0"}});
            BOOST_TEST_CONTEXT(method << ' ' << answer)
            {
                BOOST_TEST(answer.status == status);
                for (const auto &header : sent) {
                    const auto expected = header.name == "Set-Cookie"
                                              ? "JSESSIONID=a~123; Path=/; HttpOnly"
                                              : header.value;
                    if (status != 304 || header.name == "Set-Cookie")
                        BOOST_TEST(answer.headers.all(header.name) == Lines{expected},
                                   per_element());
                }
            }
        }
}

BOOST_FIXTURE_TEST_CASE(the_member_sees_its_own_value, TwoMembers)
{
    start_httpd(site());
    expect_bound("JSESSIONID=a~123", "a", "JSESSIONID=123");
    expect_bound("x=1; JSESSIONID=b~123; y=2", "b", "x=1; JSESSIONID=123; y=2");
    expect_bound("x=1;JSESSIONID=b~123 ;y=2;;z", "b", "x=1;JSESSIONID=123 ;y=2;;z");
    expect_bound("JSESSIONID=\"b~123\"; y=\"2\"", "b", "JSESSIONID=\"123\"; y=\"2\"");
    expect_bound("JSESSIONID=b~a~1~", "b", "JSESSIONID=a~1~");
    expect_bound("JSESSIONID=b~", "b", "JSESSIONID=");
    expect_bound("JSESSIONID=gone~1; x=b~2; JSESSIONID=b~3; JSESSIONID=a~4", "b",
                 "JSESSIONID=1; x=b~2; JSESSIONID=3; JSESSIONID=4");
    expect_bound("JSESSIONIDX=a~1; XJSESSIONID=a~2; jsessionid=a~3; JSESSIONID=b~4", "b",
                 "JSESSIONIDX=a~1; XJSESSIONID=a~2; jsessionid=a~3; JSESSIONID=4");
}

BOOST_FIXTURE_TEST_CASE(a_route_with_dots_is_a_prefix_too, Scenario)
{
    start_member("a"), start_member("b");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=web.1
            BalancerMember "{b.url}" route=web.2
            StickyCookie prefix name=JSESSIONID
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    for (const auto &[route, member] : {std::pair{"web.1", "a"}, {"web.2", "b"}})
        for (int i = 0; i < 3; ++i)
            BOOST_TEST(new_browser()
                           .get("/", {{"Cookie", std::string("JSESSIONID=") + route + "~12.3"}})
                           .member == member);
}

BOOST_FIXTURE_TEST_CASE(who_has_no_prefix_is_not_bound, TwoMembers)
{
    start_httpd(site());
    expect_unbound("JSESSIONID=123", "JSESSIONID=123");
    expect_unbound("JSESSIONID=b", "JSESSIONID=b");
    expect_unbound("JSESSIONID=123.b", "JSESSIONID=123.b");
    expect_unbound("x=b~1; JSESSIONID=", "x=b~1; JSESSIONID=");
    expect_unbound("x=b~1", "x=b~1");
    // the prefix of a member that was taken out of the configuration
    expect_unbound("x=1; JSESSIONID=gone~123", "x=1; JSESSIONID=123");
    expect_unbound("JSESSIONID=~123", "JSESSIONID=123");
}

BOOST_FIXTURE_TEST_CASE(nothing_is_added_where_the_application_sets_nothing, TwoMembers)
{
    start_httpd(site());
    Browser client = new_browser();
    Share share;
    for (int i = 0; i < 6; ++i) {
        const auto answer = client.get("/");
        BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
        ++share[answer.member];
    }
    const Share even = {{"a", 3}, {"b", 3}};
    BOOST_TEST((share == even));
    for (const auto &line : httpd.access_log().wait_for(6))
        BOOST_TEST(line.at("state") == "NN");
}

BOOST_FIXTURE_TEST_CASE(a_login_binds_a_client_and_a_logout_frees_it, TwoMembers)
{
    for (auto *member : {&a, &b})
        member->on("/logout",
                   Answer{.headers = {{"Set-Cookie", "JSESSIONID=; Path=/; Max-Age=0"}}});
    start_httpd(site());
    for (int i = 0; i < 4; ++i) {
        Browser client = new_browser();
        const auto member = client.get("/login").member;
        BOOST_TEST(client.cookie("JSESSIONID") == member + "~123");
        for (int page = 0; page < 3; ++page)
            BOOST_TEST(client.get("/page").member == member);
        BOOST_TEST(client.get("/logout").member == member);
        const auto next = client.get("/");
        BOOST_TEST(!named(next.member).last_request().headers.has("Cookie"));
    }
}

// One connection carries requests of many clients where a proxy stands in front.
BOOST_FIXTURE_TEST_CASE(each_request_of_a_connection_is_treated, TwoMembers)
{
    start_httpd(site());
    RawConnection connection(httpd.port());
    std::string all;
    for (int i = 0; i < 20; ++i)
        for (const auto *member : {"b", "a", "a"})
            all += std::string("GET /login HTTP/1.1\r\nHost: localhost\r\nCookie: JSESSIONID=") +
                   member + "~" + std::to_string(i) + "\r\n\r\n";
    connection.send(all);
    for (int i = 0; i < 20; ++i)
        for (const auto *member : {"b", "a", "a"}) {
            const auto answer = connection.read_response();
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookie("JSESSIONID") ==
                       std::string("JSESSIONID=") + member + "~123; Path=/; HttpOnly");
        }
    BOOST_TEST(a.requests().size() == 40u);
    BOOST_TEST(b.requests().size() == 20u);
    for (const auto &request : b.requests())
        BOOST_TEST(request.headers.first("Cookie").find('~') == std::string::npos);
}

// Members by each protocol: both directions, the second attempt, and the log, which has what the
// client sent.
BOOST_DATA_TEST_CASE(members_of_every_kind, kKinds, kind)
{
    TwoMembers site_of(kind.kind);
    site_of.start_httpd(site());
    const auto answer = site_of.ask("x=1; JSESSIONID=b~1~2; y=3", "/login");
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(answer.set_cookies() == Lines{"JSESSIONID=b~123; Path=/; HttpOnly"}, per_element());
    BOOST_TEST(site_of.seen_ == Lines{"x=1; JSESSIONID=1~2; y=3"}, per_element());

    site_of.b.stop();
    site_of.allow_failed_connections();
    for (const auto *id : {"AH00896", "AH01079"})  // as AJP and FastCGI say it
        site_of.httpd.log().allow(id);
    const auto moved = site_of.ask("x=1; JSESSIONID=b~1~2; y=3", "/login");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.set_cookies() == Lines{"JSESSIONID=a~123; Path=/; HttpOnly"}, per_element());
    BOOST_TEST(site_of.seen_ == Lines{"x=1; JSESSIONID=1~2; y=3"}, per_element());

    const ErrorLog log(site_of.httpd.root() / "logs/cookies.log");  // any file of lines
    wait_until(within(std::chrono::seconds(10)), [&] { return log.lines().size() == 2; });
    const Lines expected(2, "x=1; JSESSIONID=b~1~2; y=3");
    BOOST_TEST(log.lines() == expected, per_element());
}

BOOST_FIXTURE_TEST_CASE(members_of_http_2, Scenario)
{
    for (const auto *name : {"a", "b"}) {
        auto &member = start_h2c_member(name);
        member.stop();
        member.httpd().write_config(std::string(R"(
            AliasMatch "^/" "{root}/htdocs/name.txt"
            <Directory "{root}/htdocs">
                Require all granted
            </Directory>
            Header set X-Member ")") +
                                    name + R"("
            Header set X-Seen "expr=%{HTTP_COOKIE}"
            Header add Set-Cookie "JSESSIONID=123; Path=/"
            Header add Set-Cookie "lang=en"
        )");
        member.start_again();
    }
    start_httpd(site());
    for (const std::string name : {"b", "a", "b"}) {
        const auto answer =
            new_browser().get("/", {{"Cookie", "x=1; JSESSIONID=" + name + "~1~2; y=3"}});
        const Lines expected = {"JSESSIONID=" + name + "~123; Path=/", "lang=en"};
        BOOST_TEST(answer.member == name);
        BOOST_TEST(answer.set_cookies() == expected, per_element());
        BOOST_TEST(answer.header("X-Seen") == "x=1; JSESSIONID=1~2; y=3");
    }
}

// httpd makes one line of several in its own way; the prefix must be all that is missing.
void expect_same_lines(TwoMembers &test, Browser &client)
{
    const auto lines = [](const std::string &prefix) {
        return Headers{
            {"Cookie", "x=1"}, {"Cookie", "JSESSIONID=" + prefix + "123"}, {"Cookie", "y=2; z=3"}};
    };
    for (const std::string member : {"b", "a", "b"}) {
        client.disconnect();  // some versions of curl cannot go on with HTTP/2 in clear
        const auto bare = client.get("/", lines(""));
        const auto expected = test.named(bare.member).last_request().headers.all("Cookie");
        client.disconnect();
        const auto answer = client.get("/", lines(member + "~"));
        BOOST_TEST(answer.member == member);
        BOOST_TEST(test.named(member).last_request().headers.all("Cookie") == expected,
                   per_element());
    }
}

BOOST_FIXTURE_TEST_CASE(clients_with_several_cookie_lines, TwoMembers)
{
    start_httpd(site());
    Browser client = new_browser();
    expect_same_lines(*this, client);
}

BOOST_FIXTURE_TEST_CASE(clients_of_http_2, TwoMembers, *with_http2())
{
    start_httpd(site(), {.tls = true, .http2 = true});
    for (const auto protocol : {Protocol::kH2c, Protocol::kH2Tls}) {
        Browser client = new_browser({.protocol = protocol});
        const auto login = client.get("/login");
        BOOST_TEST(login.http_version == "2");
        BOOST_TEST(
            login.set_cookies() == Lines{"JSESSIONID=" + login.member + "~123; Path=/; HttpOnly"},
            per_element());
        client.forget_cookies();
        expect_same_lines(*this, client);
    }
}

BOOST_FIXTURE_TEST_CASE(a_client_is_moved_when_the_application_sets_its_cookie_again, TwoMembers)
{
    for (auto *member : {&a, &b})
        member->echo_body_on("/echo");
    start_httpd(site());
    Browser client = new_browser();
    client.add_cookie("JSESSIONID", "b~123");
    BOOST_TEST(client.get("/").member == "b");
    b.stop();
    allow_failed_connections();

    const std::string body(20'000, 'x');
    const auto moved = client.post("/echo", body);
    BOOST_TEST(moved.member == "a");
    BOOST_TEST((moved.body == body));
    BOOST_TEST(moved.set_cookies() == kNoLines, per_element());
    BOOST_TEST(a.last_request().cookie("JSESSIONID").value_or("none") == "123");
    BOOST_TEST(logged(httpd, "/echo").at("state") == "DN");
    BOOST_TEST(logged(httpd, "/echo").at("attempts") == "2");

    BOOST_TEST(client.get("/login").set_cookie("JSESSIONID") ==
               "JSESSIONID=a~123; Path=/; HttpOnly");
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(client.get("/at-home").member == "a");
    BOOST_TEST(logged(httpd, "/at-home").at("cause") == "cookie");
    BOOST_TEST(logged(httpd, "/at-home").at("state") == "VN");
}

BOOST_FIXTURE_TEST_CASE(the_log_says_what_became_of_it, TwoMembers)
{
    start_httpd(site());
    new_browser().get("/login?new");
    BOOST_TEST(logged(httpd, "/login?new").at("state") == "NR");
    ask("JSESSIONID=a~1", "/login?bound");
    BOOST_TEST(logged(httpd, "/login?bound").at("state") == "VR");
    ask("JSESSIONID=gone~1", "/page");
    BOOST_TEST(logged(httpd, "/page").at("state") == "IN");
}

// Requests that bind nobody and are bound by nothing: the application sees its own value as always,
// and what it sets is left as it is.
BOOST_FIXTURE_TEST_CASE(ignored_and_forced_requests, TwoMembers)
{
    start_httpd(site("StickyCookie prefix", R"(
        SetEnvIf X-Ignore "." sticky-ignore
        SetEnvIf X-Force "^(.+)$" sticky-force=$1
    )"));
    Share share;
    for (int i = 0; i < 4; ++i) {
        const auto answer = ask("x=1; JSESSIONID=b~9", "/login", {{"X-Ignore", "1"}});
        BOOST_TEST(answer.set_cookies() == Lines{kLogin}, per_element());
        BOOST_TEST(seen_ == Lines{"x=1; JSESSIONID=9"}, per_element());
        ++share[answer.member];

        const auto forced = ask("x=1; JSESSIONID=a~9", "/login?forced", {{"X-Force", "b"}});
        BOOST_TEST(forced.member == "b");
        BOOST_TEST(forced.set_cookies() == Lines{kLogin}, per_element());
        BOOST_TEST(seen_ == Lines{"x=1; JSESSIONID=9"}, per_element());
    }
    const Share even = {{"a", 2}, {"b", 2}};
    BOOST_TEST((share == even));
    BOOST_TEST(logged(httpd, "/login").at("state") == "UN");
    BOOST_TEST(logged(httpd, "/login?forced").at("state") == "UN");
}

BOOST_FIXTURE_TEST_CASE(a_sealed_prefix, TwoMembers)
{
    write_keys();
    for (const std::string seal : {"signed", "opaque"})
        BOOST_TEST_CONTEXT(seal)
        {
            const auto text = site("StickyCookie prefix seal=" + seal, "StickyKey conf/keys\n");
            httpd.is_running() ? httpd.rewrite_config(text) : start_httpd(text);
            Browser client = new_browser();
            const auto login = client.get("/login");
            const std::regex whole(seal == "signed"
                                       ? "JSESSIONID=([A-Za-z0-9_-]{40}\\." + login.member +
                                             ")~123; Path=/; HttpOnly"
                                       : "JSESSIONID=([A-Za-z0-9_-]{60})~123; Path=/; HttpOnly");
            const auto line = login.set_cookie("JSESSIONID");
            std::smatch parts;
            BOOST_REQUIRE_MESSAGE(std::regex_match(line, parts, whole), line);
            auto token = parts[1].str();
            expect_bound("x=1; JSESSIONID=" + token + "~12~3; y=2", login.member,
                         "x=1; JSESSIONID=12~3; y=2");
            expect_bound("JSESSIONID=\"" + token + "~123\"", login.member, "JSESSIONID=\"123\"");

            token[20] = token[20] == 'A' ? 'B' : 'A';
            expect_unbound("JSESSIONID=" + token + "~123", "JSESSIONID=123");
            // what is no token is the application's own
            expect_unbound("JSESSIONID=a~123", "JSESSIONID=a~123");
            expect_unbound("JSESSIONID=123", "JSESSIONID=123");
        }
}

BOOST_FIXTURE_TEST_CASE(plain_prefixes_while_moving_to_sealed_ones, TwoMembers)
{
    write_keys();
    start_httpd(site("StickyCookie prefix seal=signed accept-plain", "StickyKey conf/keys\n"));
    expect_bound("x=1; JSESSIONID=b~123", "b", "x=1; JSESSIONID=123");
    const auto answer = ask("JSESSIONID=b~1", "/login");
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(
        std::regex_match(answer.set_cookie("JSESSIONID"),
                         std::regex("JSESSIONID=[A-Za-z0-9_-]{40}\\.b~123; Path=/; HttpOnly")));
}

BOOST_FIXTURE_TEST_CASE(opaque_prefixes_of_one_member_differ, TwoMembers)
{
    write_keys();
    start_httpd(site("StickyCookie prefix seal=opaque", "StickyKey conf/keys\n"));
    std::set<std::string> values;
    for (int i = 0; i < 8; ++i)
        values.insert(new_browser().get("/login").set_cookie("JSESSIONID"));
    BOOST_TEST(values.size() == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
