// SPDX-License-Identifier: Apache-2.0
//
// Who may set and end our cookie: the application with preserve; and sticky-release or
// X-Sticky-Release, which end a session in every setup.
// Caught if: the application's line passes unasked or is lost when asked for, another cookie is
// touched, a session cannot be ended, or X-Sticky-Release reaches a client.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<std::string> kOthers = {"first=1; Path=/", "XROUTEID=.a;  path=/;HttpOnly",
                                          "routeid=.a", "first=1; Path=/", "note=\"ROUTEID=.a\""};
const std::string kOwn = "ROUTEID=mine; Path=/;Secure";
const std::string kEnd = "ROUTEID=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
const std::string kDeletion =
    "ROUTEID=; path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; SameSite=Lax";

// The others, with this line in the middle.
std::vector<std::string> with(const std::string &line)
{
    auto lines = kOthers;
    lines.insert(lines.begin() + 2, line);
    return lines;
}

Answer sets(const std::vector<std::string> &lines)
{
    Answer answer;
    for (const auto &line : lines)
        answer.headers.push_back({"Set-Cookie", line});
    return answer;
}

std::string site(const std::string &sticky, const std::string &more = {})
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            )" +
           sticky + "\n</Proxy>\n" + more + R"(
        SetEnvIf Request_URI "^/by-env" sticky-release
        <Location "/by-header">
            Header set X-Sticky-Release 1
        </Location>
        <Location "/by-always">
            Header always set X-Sticky-Release 1
        </Location>
        SetEnvIf Request_URI "^/ignored" sticky-ignore
        SetEnvIf Request_URI "^/forced" sticky-force=b
        ProxyPass "/" "balancer://app/" stickysession=ROUTEID
    )";
}

const Headers kBoundToB = {{"Cookie", "ROUTEID=.b"}};

struct TwoMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    TwoMembers()
    {
        for (auto *member : {&a, &b}) {
            for (const auto *path : {"/own", "/ignored", "/forced"})
                member->on(path, sets(with(kOwn)));
            member->on("/end", sets(with(kEnd)));
            member->on("/logout", Answer{.headers = {{"X-Sticky-Release", "1"}}});
            member->on("/kept", Answer{.headers = {{"Cache-Control", "public, max-age=60"},
                                                   {"X-Sticky-Release", "1"}}});
        }
    }
    std::string state_of(const std::string &uri) { return logged(httpd, uri).at("state"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_preserve_test)

BOOST_FIXTURE_TEST_CASE(without_it_a_line_of_our_name_does_not_pass, TwoMembers)
{
    start_httpd(site("StickyCookie insert"));
    for (const std::string path : {"/own", "/end"}) {
        const auto bound = new_browser().get(path + "?bound", kBoundToB);
        BOOST_TEST(bound.set_cookies() == kOthers, boost::test_tools::per_element());
        BOOST_TEST(state_of(path + "?bound") == "VD");

        const auto fresh = new_browser().get(path);
        auto lines = fresh.set_cookies();
        BOOST_TEST(std::erase(lines, "ROUTEID=." + fresh.member +
                                         "; path=/; HttpOnly; SameSite=Lax") == 1u);
        BOOST_TEST(lines == kOthers, boost::test_tools::per_element());
    }
    BOOST_TEST(new_browser().get("/page?bound", kBoundToB).set_cookies().empty());
    BOOST_TEST(state_of("/page?bound") == "VN");
}

BOOST_FIXTURE_TEST_CASE(with_it_the_line_passes_and_none_of_ours_is_added, TwoMembers)
{
    start_httpd(site("StickyCookie insert preserve"));
    const std::vector<std::pair<std::string, std::string>> rows = {{"/own", kOwn}, {"/end", kEnd}};
    for (const auto &[path, line] : rows) {
        for (const auto &[uri, cookie] :
             {std::pair(path, ""), std::pair(path + "?b", "ROUTEID=.b")})
            BOOST_TEST(new_browser().get(uri, {{"Cookie", cookie}}).set_cookies() == with(line),
                       boost::test_tools::per_element());
        BOOST_TEST(state_of(path) == "NP");
        BOOST_TEST(state_of(path + "?b") == "VP");
    }
    const auto answer = new_browser().get("/page");  // nothing of the application's to preserve
    BOOST_TEST(answer.set_cookies().size() == 1u);
    BOOST_TEST(answer.set_cookie("ROUTEID").starts_with("ROUTEID=." + answer.member + ';'));
}

BOOST_FIXTURE_TEST_CASE(an_application_moves_and_dismisses_its_clients, TwoMembers)
{
    b.on("/move", sets({"ROUTEID=.a; path=/"}));
    start_httpd(site("StickyCookie insert preserve"));
    Browser client = new_browser_on("b");
    BOOST_TEST(client.get("/move").member == "b");
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.get("/end").member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == "");
    const auto next = client.get("/next");
    BOOST_TEST(next.set_cookies().size() == 1u);
    BOOST_TEST(state_of("/next") == "NI");
    BOOST_TEST(client.cookie("ROUTEID") == '.' + next.member);
}

BOOST_FIXTURE_TEST_CASE(where_nothing_is_read_nothing_of_the_answer_is_changed, TwoMembers)
{
    start_httpd(site("StickyCookie insert"));
    for (const auto *path : {"/ignored", "/forced"})
        BOOST_TEST(new_browser().get(path, kBoundToB).set_cookies() == with(kOwn),
                   boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_released_client_is_balanced_anew, TwoMembers)
{
    start_httpd(site("StickyCookie insert"));
    for (const std::string path : {"/by-env", "/by-header", "/by-always", "/logout"})
        BOOST_TEST_CONTEXT(path)
        {
            Browser client = new_browser_on("b");
            const auto answer = client.get(path + "?bound");
            BOOST_TEST(answer.member == "b");
            BOOST_TEST(answer.set_cookies() == std::vector{kDeletion},
                       boost::test_tools::per_element());
            BOOST_TEST(!answer.headers.has("X-Sticky-Release"));
            BOOST_TEST(client.cookie("ROUTEID") == "");
            BOOST_TEST(state_of(path + "?bound") == "VD");
            BOOST_TEST(client.get("/next?after=" + path).set_cookies().size() == 1u);
            const auto next = logged(httpd, "/next?after=" + path);
            BOOST_TEST(next.at("state") == "NI");
            BOOST_TEST(next.at("cause") == "policy");

            const auto fresh = new_browser().get(path);
            BOOST_TEST(fresh.set_cookies().empty(), fresh);
            BOOST_TEST(!fresh.headers.has("X-Sticky-Release"));
            BOOST_TEST(state_of(path) == "NN");
        }
}

BOOST_FIXTURE_TEST_CASE(a_cookie_of_no_use_is_deleted_too, TwoMembers)
{
    start_httpd(site("StickyCookie insert"));
    const auto of_nobody = new_browser().get("/logout", {{"Cookie", "ROUTEID=.gone"}});
    BOOST_TEST(of_nobody.set_cookies() == std::vector{kDeletion}, boost::test_tools::per_element());
    b.stop();
    allow_failed_connections();
    const auto moved = new_browser().get("/logout", kBoundToB);
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.set_cookies() == std::vector{kDeletion}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_deletion_has_the_attributes_of_the_cookie, TwoMembers)
{
    start_httpd(R"(
        <Proxy "balancer://shop">
            BalancerMember "{a.url}" route=a
            StickyCookie insert name=LB path=/shop domain=example.test httponly=off \
                samesite=strict maxage=1h
        </Proxy>
        ProxyPass "/shop/" "balancer://shop/"
    )" + site("StickyCookie insert"),
                {.tls = true});
    const auto secure = new_browser({.protocol = Protocol::kHttp1Tls}).get("/logout", kBoundToB);
    BOOST_TEST(secure.set_cookie("ROUTEID") == kDeletion + "; Secure");

    Browser client = new_browser({.host = "www.example.test"});
    client.get("/shop/");
    BOOST_TEST(client.cookie("LB").ends_with(".a"));
    auto line = client.get("/shop/logout").set_cookie("LB") + "; ";
    std::set<std::string> parts;
    for (std::size_t end; (end = line.find("; ")) != std::string::npos; line.erase(0, end + 2))
        BOOST_TEST(parts.insert(line.substr(0, end)).second);
    const std::set<std::string> expected = {"LB=",
                                            "path=/shop",
                                            "domain=example.test",
                                            "Expires=Thu, 01 Jan 1970 00:00:01 GMT",
                                            "Max-Age=0",
                                            "SameSite=Strict"};
    BOOST_TEST(parts == expected, boost::test_tools::per_element());
    BOOST_TEST(client.cookie("LB") == "");
}

BOOST_FIXTURE_TEST_CASE(no_shared_cache_keeps_a_deletion, TwoMembers)
{
    for (const std::string nocache : {"skip", "mark", "off"}) {
        start_httpd(site("StickyCookie insert nocache=" + nocache));
        const auto answer = new_browser().get("/kept", kBoundToB);
        BOOST_TEST(answer.set_cookies() == std::vector{kDeletion},
                   boost::test_tools::per_element());
        const auto lines = answer.headers.all("Cache-Control");
        BOOST_REQUIRE(lines.size() == 1u);
        BOOST_TEST((lines[0].find("private") != lines[0].npos) == (nocache != "off"), lines[0]);
        BOOST_TEST((lines[0].find("public") == lines[0].npos) == (nocache != "off"), lines[0]);
        BOOST_TEST(new_browser().get("/kept").header("Cache-Control") == "public, max-age=60");
        httpd.wait_until_idle(std::chrono::seconds(5));
        httpd.stop();
    }
}

// There the cookie is the application's, or there is none; the header is for us all the same.
BOOST_FIXTURE_TEST_CASE(other_modes_only_take_the_header_away, TwoMembers)
{
    for (const auto *sticky : {"StickyCookie rewrite", "StickyCookie prefix",
                               "StickyCookie passive", "StickyBalancer On"}) {
        start_httpd(site(sticky));
        for (const auto *path : {"/by-header", "/by-always", "/logout"}) {
            const auto answer = new_browser().get(path, kBoundToB);
            BOOST_TEST(answer.set_cookies().empty(), sticky << '\n' << answer);
            BOOST_TEST(!answer.headers.has("X-Sticky-Release"), sticky << ' ' << path);
        }
        httpd.wait_until_idle(std::chrono::seconds(5));
        httpd.stop();
    }
}

BOOST_AUTO_TEST_SUITE_END()
