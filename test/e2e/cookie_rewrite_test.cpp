// SPDX-License-Identifier: Apache-2.0
//
// rewrite: where the application sets the cookie, its value becomes ours; where it does not, nobody
// is bound.
// Caught if: anything but the value changes, a cookie appears that no application set, or clients
// do not come back to the member that the cookie names.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <regex>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;
using boost::test_tools::per_element;
using Lines = std::vector<std::string>;

namespace {

const Lines kNoLines = {};

struct TwoMembers : Scenario {
    FakeMember a, b;

    explicit TwoMembers(MemberKind kind = MemberKind::kHttp)
        : a(start_member("a", kind)), b(start_member("b", kind))
    {
        for (auto *member : {&a, &b})
            member->on("/login", set("LB=app; Path=/; HttpOnly"));
    }
    static Answer set(const std::string &line) { return {.headers = {{"Set-Cookie", line}}}; }

    void start(const std::string &sticky, const std::string &more = {})
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                )" + sticky +
                    R"(
            </Proxy>
            ProxyPass "/" "balancer://app/" stickysession=LB
        )" + more);
    }
    const FakeMember &named(const std::string &name) const { return name == "a" ? a : b; }

    bool sends_cookies(Browser &client)
    {
        return named(client.get("/").member).last_request().headers.has("Cookie");
    }
    // After a login the client stays, and no cookie is set again.
    void expect_bound_by_login()
    {
        for (int i = 0; i < 4; ++i) {
            Browser client = new_browser();
            const auto member = client.get("/login").member;
            for (int page = 0; page < 3; ++page) {
                const auto answer = client.get("/page");
                BOOST_TEST(answer.member == member);
                BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
            }
        }
    }
};

// A line that the application sets, and the same as the client gets it from member a.
const std::pair<const char *, const char *> kSetCookies[] = {
    {"LB=app", "LB=.a"},
    {"LB=app; Path=/x; Domain=example.test; Max-Age=60; HttpOnly; SameSite=None; Secure",
     "LB=.a; Path=/x; Domain=example.test; Max-Age=60; HttpOnly; SameSite=None; Secure"},
    {"LB=app; Expires=Wed, 09 Jun 2055 10:18:14 GMT",
     "LB=.a; Expires=Wed, 09 Jun 2055 10:18:14 GMT"},
    {"LB=a=b~c.b; path=/", "LB=.a; path=/"},
    {"LB=; Path=/", "LB=.a; Path=/"},
    {"LB=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT",
     "LB=.a; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT"},
    {"LB=gone; Max-Age=0;Path=/", "LB=.a; Max-Age=0;Path=/"},
    {"LB=app;Path = / ;; secure ;x", "LB=.a;Path = / ;; secure ;x"},
    {"lb=app; Path=/", "lb=app; Path=/"},
    {"LBX=app; Path=/", "LBX=app; Path=/"},
    {"XLB=app; Path=/", "XLB=app; Path=/"},
    {"other=1; LB=app", "other=1; LB=app"},
    {"other=LB=app", "other=LB=app"},
};

struct Kind {
    const char *name;
    MemberKind kind;
};
std::ostream &operator<<(std::ostream &out, const Kind &kind) { return out << kind.name; }
const Kind kKinds[] = {
    {"https", MemberKind::kHttps}, {"ajp", MemberKind::kAjp}, {"fcgi", MemberKind::kFcgi}};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_rewrite_test)

BOOST_FIXTURE_TEST_CASE(the_value_is_replaced_and_nothing_else, TwoMembers)
{
    start("StickyCookie rewrite");
    int row = 0;
    for (const auto &[line, expected] : kSetCookies) {
        const auto path = "/row-" + std::to_string(++row);
        a.on(path, set(line));
        const auto answer = new_browser().get(path, {{"Cookie", "LB=.a"}});
        BOOST_TEST(answer.member == "a");
        BOOST_TEST(answer.set_cookies() == Lines{expected}, per_element());
    }
}

BOOST_FIXTURE_TEST_CASE(every_line_of_the_name_is_rewritten, TwoMembers)
{
    a.on("/", Answer{.headers = {{"Set-Cookie", "lang=en; Path=/"},
                                 {"Set-Cookie", "LB=1; Path=/old; Max-Age=0"},
                                 {"Set-Cookie", "LB=2; Path=/"},
                                 {"Set-Cookie", "LB2=3"}}});
    start("StickyCookie rewrite");
    const Lines expected = {"lang=en; Path=/", "LB=.a; Path=/old; Max-Age=0", "LB=.a; Path=/",
                            "LB2=3"};
    BOOST_TEST(new_browser().get("/", {{"Cookie", "LB=.a"}}).set_cookies() == expected,
               per_element());
}

BOOST_FIXTURE_TEST_CASE(a_login_binds_a_client, TwoMembers)
{
    start("StickyCookie rewrite");
    Browser client = new_browser();
    const auto login = client.get("/login?new");
    BOOST_TEST(login.set_cookies() == Lines{"LB=." + login.member + "; Path=/; HttpOnly"},
               per_element());
    BOOST_TEST(logged(httpd, "/login?new").at("state") == "NR");
    client.get("/login?again");
    BOOST_TEST(logged(httpd, "/login?again").at("state") == "VR");
    client.get("/page");
    BOOST_TEST(logged(httpd, "/page").at("state") == "VN");
    BOOST_TEST(
        named(login.member).last_request().headers.all("Cookie") == Lines{"LB=." + login.member},
        per_element());
    expect_bound_by_login();
}

BOOST_FIXTURE_TEST_CASE(a_value_in_quotes_is_replaced_too, TwoMembers)
{
    for (auto *member : {&a, &b})
        member->on("/login", set("LB=\"app\"; Path=/"));
    start("StickyCookie rewrite");
    const auto login = new_browser().get("/login");
    BOOST_TEST(login.set_cookies().size() == 1u);
    BOOST_TEST(login.set_cookie("LB").ends_with("; Path=/"));
    BOOST_TEST(login.set_cookie("LB").find("app") == std::string::npos);
    expect_bound_by_login();
}

BOOST_FIXTURE_TEST_CASE(without_a_cookie_of_the_application_nobody_is_bound, TwoMembers)
{
    start("StickyCookie rewrite");
    Browser client = new_browser();
    Share share;
    for (int i = 0; i < 6; ++i) {
        const auto answer = client.get("/");
        BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
        ++share[answer.member];
    }
    for (const auto *value : {"app", ".gone", "", "app.gone"})
        for (int i = 0; i < 2; ++i) {
            const auto answer = new_browser().get("/", {{"Cookie", std::string("LB=") + value}});
            BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
            ++share[answer.member];
        }
    const Share even = {{"a", 7}, {"b", 7}};
    BOOST_TEST((share == even));
}

BOOST_FIXTURE_TEST_CASE(an_expired_cookie_ends_it, TwoMembers)
{
    for (auto *member : {&a, &b})
        member->on("/logout", set("LB=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT"));
    start("StickyCookie rewrite");
    Browser client = new_browser();
    const auto member = client.get("/login").member;
    BOOST_TEST(client.cookie("LB") == "." + member);
    BOOST_TEST(client.get("/logout").member == member);
    BOOST_TEST(!sends_cookies(client));
}

// Until the application sets its cookie again, a client of a dead member is placed as a new one.
BOOST_FIXTURE_TEST_CASE(the_cookie_names_the_member_that_answered, TwoMembers)
{
    start("StickyCookie rewrite");
    b.stop();
    allow_failed_connections();
    Browser client = new_browser();
    client.add_cookie("LB", ".b");
    const auto moved = client.get("/page");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.set_cookies() == kNoLines, per_element());
    client.forget_cookies();
    client.add_cookie("LB", ".b");
    BOOST_TEST(client.get("/login").set_cookies() == Lines{"LB=.a; Path=/; HttpOnly"},
               per_element());
    BOOST_TEST(logged(httpd, "/login").at("state") == "DR");
}

BOOST_FIXTURE_TEST_CASE(with_indirect_the_member_sees_no_cookie_of_ours, TwoMembers)
{
    start("StickyCookie rewrite indirect");
    Browser client = new_browser();
    const auto member = client.get("/login").member;
    client.get("/page");
    BOOST_TEST(!named(member).last_request().headers.has("Cookie"));
    const auto answer = new_browser().get("/login", {{"Cookie", "x=1; LB=." + member + "; y=2"}});
    BOOST_TEST(answer.member == member);
    BOOST_TEST(answer.set_cookies() == Lines{"LB=." + member + "; Path=/; HttpOnly"},
               per_element());
    BOOST_TEST(named(member).last_request().headers.all("Cookie") == Lines{"x=1; y=2"},
               per_element());
}

BOOST_DATA_TEST_CASE(members_of_other_kinds, kKinds, kind)
{
    TwoMembers test(kind.kind);
    test.start("StickyCookie rewrite indirect");
    for (const std::string name : {"b", "a", "b"}) {
        const auto answer =
            test.new_browser().get("/login", {{"Cookie", "x=1; LB=." + name + "; y=2"}});
        BOOST_TEST(answer.member == name);
        BOOST_TEST(answer.set_cookies() == Lines{"LB=." + name + "; Path=/; HttpOnly"},
                   per_element());
        BOOST_TEST(test.named(name).last_request().headers.all("Cookie") == Lines{"x=1; y=2"},
                   per_element());
    }
    test.expect_bound_by_login();
}

BOOST_FIXTURE_TEST_CASE(sealed_values, TwoMembers)
{
    write_private_file(httpd.root() / "conf/keys", "k1:" + std::string(64, '5') + '\n');
    start("StickyCookie rewrite seal=signed", "StickyKey conf/keys\n");
    const auto expect = [this](const std::string &value) {
        const auto login = new_browser().get("/login");
        BOOST_TEST(login.set_cookies().size() == 1u);
        const std::regex line("LB=" + value + (value.back() == '.' ? login.member : "") +
                              "; Path=/; HttpOnly");
        BOOST_TEST(std::regex_match(login.set_cookie("LB"), line), login.set_cookie("LB"));
        expect_bound_by_login();
        Share share;  // who writes a plain value is not bound
        for (int i = 0; i < 4; ++i)
            ++share[new_browser().get("/", {{"Cookie", "LB=.b"}}).member];
        const Share even = {{"a", 2}, {"b", 2}};
        BOOST_TEST((share == even));
    };
    expect("[A-Za-z0-9_-]{40}\\.");
    httpd.rewrite_config(R"(
        StickyKey conf/keys
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie rewrite seal=opaque name=LB
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    expect("[A-Za-z0-9_-]{60}");
}

// A release takes nothing away that is the application's, and adds nothing.
BOOST_FIXTURE_TEST_CASE(a_release_leaves_it_to_the_application, TwoMembers)
{
    const std::string expired = "; Path=/; Max-Age=0";
    for (auto *member : {&a, &b}) {
        member->on("/logout", Answer{.headers = {{"X-Sticky-Release", "1"},
                                                 {"Set-Cookie", "LB=bye" + expired}}});
        member->on("/forget", Answer{.headers = {{"X-Sticky-Release", "1"}}});
    }
    start("StickyCookie rewrite", "SetEnvIf X-Release . sticky-release\n");
    Browser client = new_browser();
    client.get("/login");
    const auto bound = client.cookie("LB");
    for (const auto &answer : {client.get("/forget"), client.get("/", {{"X-Release", "1"}})}) {
        BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
        BOOST_TEST(!answer.headers.has("X-Sticky-Release"));
        BOOST_TEST(client.cookie("LB") == bound);
    }
    const auto logout = client.get("/logout");
    BOOST_TEST(!logout.headers.has("X-Sticky-Release"));
    BOOST_TEST(logout.set_cookies().size() == 1u);
    BOOST_TEST(logout.set_cookie("LB").ends_with(expired));
    BOOST_TEST(!sends_cookies(client));
}

BOOST_FIXTURE_TEST_CASE(ignored_and_forced_requests_are_left_alone, TwoMembers)
{
    start("StickyCookie rewrite indirect",
          "SetEnvIf X-Ignore . sticky-ignore\nSetEnvIf X-Force \"^(.+)$\" sticky-force=$1\n");
    const Lines as_set = {"LB=app; Path=/; HttpOnly"};
    Share share;
    for (int i = 0; i < 4; ++i) {
        const auto ignored =
            new_browser().get("/login", {{"Cookie", "x=1; LB=.b"}, {"X-Ignore", "1"}});
        BOOST_TEST(ignored.set_cookies() == as_set, per_element());
        BOOST_TEST(named(ignored.member).last_request().headers.all("Cookie") == Lines{"x=1"},
                   per_element());
        ++share[ignored.member];
        const auto forced =
            new_browser().get("/login", {{"Cookie", "x=1; LB=.a"}, {"X-Force", "b"}});
        BOOST_TEST(forced.member == "b");
        BOOST_TEST(forced.set_cookies() == as_set, per_element());
    }
    const Share even = {{"a", 2}, {"b", 2}};
    BOOST_TEST((share == even));
}

BOOST_AUTO_TEST_SUITE_END()
