// SPDX-License-Identifier: Apache-2.0
//
// indirect: a member never sees our cookie, and sees everything else as the client sent it.
// Caught if: another cookie is lost or changed, ours reaches a member of some protocol or at some
// attempt, or httpd itself no longer sees what the client sent.
#include <boost/test/unit_test.hpp>

#include <set>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

std::string site(const std::string &cookie, const std::string &more = {})
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie )" +
           cookie + "\n</Proxy>\n" + more + "\nProxyPass \"/\" \"balancer://app/\"\n";
}

const std::string kNone = "no Cookie line";

std::string cookies_of(const Request &request)
{
    std::string all;
    for (const auto &line : request.headers.all("Cookie"))
        all += (all.empty() ? "" : " and a line ") + line;
    return request.headers.has("Cookie") ? all : kNone;
}

// Where the spaces around the pairs, and what joins lines, are nobody's business.
std::set<std::string> pairs_of(const Request &request)
{
    std::set<std::string> pairs;
    for (const auto &line : request.headers.all("Cookie"))
        for (std::size_t at = 0; at <= line.size(); ++at) {
            const auto end = std::min(line.find_first_of(";,", at), line.size());
            if (const auto pair = trim(line.substr(at, end - at)); !pair.empty())
                pairs.insert(pair);
            at = end;
        }
    return pairs;
}

struct Row {
    std::string sent, seen;
};

const std::vector<Row> kRows = {
    {"ROUTEID=.b", kNone},
    {"ROUTEID=.b; x=1; y=2", "x=1; y=2"},
    {"x=1; ROUTEID=.b; y=2", "x=1; y=2"},
    {"x=1; y=2; ROUTEID=.b", "x=1; y=2"},
    {"ROUTEID=.b; ROUTEID=.a", kNone},
    {"ROUTEID=.gone; x=1; ROUTEID=.b; y=2; ROUTEID=.a", "x=1; y=2"},
    {"x=1; ROUTEID=\".b\"; y=\"2 3,4\"", "x=1; y=\"2 3,4\""},
    {"noequals; ROUTEID=session.b", "noequals"},
    {"XROUTEID=.a; ROUTEID=.b; ROUTEID2=.a; routeid=.a", "XROUTEID=.a; ROUTEID2=.a; routeid=.a"},
    {"x=ROUTEID=.a; ROUTEID=.b", "x=ROUTEID=.a"},
    {"x=" + std::string(4000, 'x') + "; ROUTEID=.b; y=" + std::string(3000, 'y'),
     "x=" + std::string(4000, 'x') + "; y=" + std::string(3000, 'y')},
};

struct Indirect : Scenario {
    void run(MemberKind kind, const std::string &cookie = "insert indirect")
    {
        const auto a = start_member("a", kind), b = start_member("b", kind);
        start_httpd(site(cookie));
        for (const auto &row : kRows) {
            const auto answer = new_browser().get("/", {{"Cookie", row.sent}});
            BOOST_TEST(answer.member == "b", row.sent);
            BOOST_TEST(answer.set_cookies().empty(), row.sent << '\n' << answer);
            BOOST_TEST(cookies_of(b.last_request()) == row.seen, row.sent);
        }
        Browser client = new_browser();  // and one who has nothing yet
        const auto &member = client.get("/").member == "a" ? a : b;
        BOOST_TEST(cookies_of(member.last_request()) == kNone);
        BOOST_TEST(client.get("/").set_cookies().empty());
        BOOST_TEST(cookies_of(member.last_request()) == kNone);
    }
    void check_lines(FakeMember &b, Protocol protocol)
    {
        const std::vector<std::pair<Headers, std::set<std::string>>> rows = {
            {{{"Cookie", "x=1"}, {"Cookie", "ROUTEID=.b"}}, {"x=1"}},
            {{{"Cookie", "ROUTEID=.b"}, {"Cookie", "x=1"}}, {"x=1"}},
            {{{"Cookie", "ROUTEID=.b"}, {"Cookie", "ROUTEID=.a"}}, {}},
            {{{"Cookie", "x=1; ROUTEID=.b"}, {"cookie", "y=2"}, {"COOKIE", "ROUTEID=.a; z=3"}},
             {"x=1", "y=2", "z=3"}},
        };
        for (const auto &[lines, seen] : rows) {
            const auto answer = new_browser({.protocol = protocol}).get("/", lines);
            BOOST_TEST(answer.member == "b", lines.front());
            BOOST_TEST(answer.set_cookies().empty(), lines.front());
            BOOST_TEST(pairs_of(b.last_request()) == seen, boost::test_tools::per_element());
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_indirect_test)

BOOST_FIXTURE_TEST_CASE(http_members, Indirect) { run(MemberKind::kHttp); }

BOOST_FIXTURE_TEST_CASE(ajp_members, Indirect) { run(MemberKind::kAjp); }

BOOST_FIXTURE_TEST_CASE(fcgi_members, Indirect) { run(MemberKind::kFcgi); }

// Such a member is an httpd, which tells what it got in its answer.
BOOST_FIXTURE_TEST_CASE(h2c_members, Indirect)
{
    start_member("a");
    auto &b = start_other_httpd(R"(
        AliasMatch "^/" "{root}/htdocs/name.txt"
        <Directory "{root}/htdocs">
            Require all granted
        </Directory>
        Header set X-Member b
        Header set X-Got "expr=%{req:Cookie}"
    )",
                                {.http2 = true, .mpm = "event", .with_module = false});
    write_file(b.root() / "htdocs/name.txt", "b");
    httpd.define("b.url", "h2c://127.0.0.1:" + std::to_string(b.port()));
    start_httpd(site("insert indirect"));
    for (const auto &row : kRows) {
        const auto answer = new_browser().get("/", {{"Cookie", row.sent}});
        BOOST_TEST(answer.member == "b", row.sent);
        BOOST_TEST(answer.header("X-Got") == (row.seen == kNone ? "" : row.seen), row.sent);
    }
}

BOOST_FIXTURE_TEST_CASE(untidy_lines_lose_nothing_else, Indirect)
{
    start_member("a");
    auto b = start_member("b");
    start_httpd(site("insert indirect"));
    const std::vector<std::pair<std::string, std::set<std::string>>> rows = {
        {"x=1;ROUTEID=.b;y=2", {"x=1", "y=2"}},
        {"x=1 ; ROUTEID=.b ; y=2", {"x=1", "y=2"}},
        {"; ;ROUTEID=.b; ;x=1;", {"x=1"}},
        {"ROUTEID=.b;", {}},
        {";;ROUTEID=.b;;", {}},
        {"x=1;\tROUTEID=.b;\ty=2", {"x=1", "y=2"}},
        {"ROUTEID=; x=; ROUTEID=.b", {"x="}},
        {"=v; ROUTEID=.b; x", {"=v", "x"}},
        {"ROUTEID=\"; ROUTEID=.b; x=1", {"x=1"}}};
    for (const auto &[sent, seen] : rows) {
        BOOST_TEST(new_browser().get("/", {{"Cookie", sent}}).member == "b", sent);
        BOOST_TEST_CONTEXT(sent)
        BOOST_TEST(pairs_of(b.last_request()) == seen, boost::test_tools::per_element());
    }
}

BOOST_FIXTURE_TEST_CASE(lines_without_our_cookie_pass_to_the_byte, Indirect)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd(site("insert indirect"));
    for (const std::string line :
         {"x=1;y=2", "x=1 ;; y=2;", "noequals", "x=1,y=2;  z", "XROUTEID=.b;ROUTEID2=.b;routeid=.b",
          "x=ROUTEID=.b", "x=\"1,ROUTEID=.b\"", ";"}) {
        const auto answer = new_browser().get("/", {{"Cookie", line}});
        BOOST_TEST(answer.set_cookies().size() == 1u, line);
        BOOST_TEST(cookies_of((answer.member == "a" ? a : b).last_request()) == line);
    }
}

BOOST_FIXTURE_TEST_CASE(several_lines, Indirect)
{
    start_member("a");
    auto b = start_member("b");
    start_httpd(site("insert indirect"));
    check_lines(b, Protocol::kHttp1);
}

BOOST_FIXTURE_TEST_CASE(several_lines_of_http_2, Indirect,
                        *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                            return has_http2_for_clients();
                        }))
{
    start_member("a");
    auto b = start_member("b");
    start_httpd(site("insert indirect"), {.tls = true, .http2 = true});
    check_lines(b, Protocol::kH2c);
    check_lines(b, Protocol::kH2Tls);
}

BOOST_FIXTURE_TEST_CASE(httpd_itself_sees_what_the_client_sent, Indirect)
{
    start_member("a");
    auto b = start_member("b");
    start_httpd(site("insert indirect", R"(
        CustomLog logs/cookies.log "cookie=%{ROUTEID}C all=%{Cookie}i"
        Header set X-Saw "expr=%{req:Cookie}"
    )"));
    const std::string sent = "x=1; ROUTEID=.b; y=2";
    BOOST_TEST(new_browser().get("/", {{"Cookie", sent}}).header("X-Saw") == sent);
    BOOST_TEST(cookies_of(b.last_request()) == "x=1; y=2");
    const auto log = httpd.root() / "logs/cookies.log";
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return read_file(log) == "cookie=.b all=" + sent + '\n'; }),
               read_file(log));
}

BOOST_FIXTURE_TEST_CASE(the_second_attempt_sends_the_same, Indirect)
{
    auto a = start_member("a"), b = start_member("b");
    start_httpd(site("insert indirect"));
    b.stop();
    allow_failed_connections();
    Browser client = new_browser();
    const auto answer = client.get("/moved", {{"Cookie", "x=1; ROUTEID=.b; y=2"}});
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(cookies_of(a.last_request()) == "x=1; y=2");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
    const auto line = logged(httpd, "/moved");
    BOOST_TEST(line.at("attempts") == "2");
    BOOST_TEST(line.at("state") == "DI");
    b.start_again();
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(cookies_of(a.last_request()) == kNone);
}

// The page comes from the balancer as well, so one request is elected for twice.
BOOST_FIXTURE_TEST_CASE(an_error_page_of_the_same_balancer_finds_the_cookie_again, Indirect)
{
    auto a = start_member("a"), b = start_member("b");
    b.on("/404", Answer{.status = 404});
    start_httpd(site("insert indirect", "ProxyErrorOverride On\nErrorDocument 404 /sorry\n"));
    for (int i = 0; i < 3; ++i) {
        const auto answer = new_browser().get("/404", {{"Cookie", "ROUTEID=.b; x=1"}});
        BOOST_TEST(answer.status == 404);
        BOOST_TEST(answer.body == "b");
        BOOST_TEST(answer.set_cookies().empty(), answer);
    }
    BOOST_TEST(a.requests().empty());
    BOOST_TEST(b.requests().size() == 6u);
    for (const auto &request : b.requests())
        BOOST_TEST(cookies_of(request) == "x=1", request.target);
}

BOOST_FIXTURE_TEST_CASE(requests_that_read_no_cookie_do_not_pass_it_on_either, Indirect)
{
    const auto a = start_member("a"), b = start_member("b");
    start_httpd(site("insert indirect", R"(
        SetEnvIf Request_URI "^/ignored" sticky-ignore
        SetEnvIf Request_URI "^/forced" sticky-force=b
    )"));
    for (const auto *path : {"/ignored", "/forced"}) {
        const auto answer = new_browser().get(path, {{"Cookie", "x=1; ROUTEID=.a"}});
        BOOST_TEST(cookies_of((answer.member == "a" ? a : b).last_request()) == "x=1", path);
    }
}

BOOST_FIXTURE_TEST_CASE(a_websocket_is_a_request_like_others, Indirect)
{
    start_member("a");
    auto b = start_member("b");
    auto text = site("insert indirect");
    start_httpd(text.replace(text.find("route=b"), 7, "route=b upgrade=websocket"));
    WebsocketClient client(httpd.port(), "/chat", {{"Cookie", "ROUTEID=.b; x=1"}});
    BOOST_TEST(client.member() == "b");
    BOOST_TEST(client.ask("hello") == "hello");
    BOOST_TEST(cookies_of(b.last_request()) == "x=1");
    client.close();
}

BOOST_FIXTURE_TEST_CASE(rewrite_and_passive_have_it_too, Indirect)
{
    start_member("a");
    auto b = start_member("b");
    for (const std::string mode : {"rewrite", "passive"}) {
        start_httpd(site(mode + " name=SID indirect"));
        const auto answer = new_browser().get("/", {{"Cookie", "x=1; SID=.b; y=2"}});
        BOOST_TEST(answer.member == "b", mode);
        BOOST_TEST(answer.set_cookies().empty(), mode);
        BOOST_TEST(cookies_of(b.last_request()) == "x=1; y=2", mode);
        httpd.wait_until_idle(std::chrono::seconds(5));
        httpd.stop();
    }
}

BOOST_FIXTURE_TEST_CASE(without_it_members_see_all, Indirect)
{
    start_member("a");
    auto b = start_member("b");
    start_httpd(site("insert indirect=off"));
    for (const auto &row : kRows) {
        BOOST_TEST(new_browser().get("/", {{"Cookie", row.sent}}).member == "b");
        BOOST_TEST(cookies_of(b.last_request()) == row.sent);
    }
}

BOOST_AUTO_TEST_SUITE_END()
