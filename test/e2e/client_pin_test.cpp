// SPDX-License-Identifier: Apache-2.0
//
// A pin that an operator makes leads the client that has it to one member, whatever the member's state, and nobody else.
// Caught if: a member out of rotation cannot be tested with it, or gets anybody else; a pin that has ended, was changed,
// was taken back, or is of another balancer counts, or one counts where what clients send is ignored; its client is bound by
// it; it is lost by a restart, or shown to members, to servers of others, or to logs.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kForAnHour = R"({"for":"1h"})";

// balancer://other has the same members, below /other/.
const char *const kOther = R"(
    StickyCookie insert
    </Proxy>
    <Proxy "balancer://other">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        StickyCookie insert
    </Proxy>
    ProxyPass "/other/" "balancer://other/"
    <Proxy "balancer://app">
)";

const std::string kKey = "k1:" + std::string(64, 'a') + '\n';

// Beside that, a balancer of mod_proxy_balancer's, and a single server.
const std::string kOtherServers = R"(
    StickyCookie insert
    </Proxy>
    <Proxy "balancer://other">
        BalancerMember "{a.url}" route=a
        StickyCookie insert name=OTHER
    </Proxy>
    <Proxy "balancer://theirs">
        BalancerMember "{b.url}" route=b
    </Proxy>
    ProxyPass "/other/" "balancer://other/"
    ProxyPass "/theirs/" "balancer://theirs/"
    ProxyPass "/plain/" "{a.url}/"
    <Proxy "balancer://app">
)";

struct Pins : ApiScenario {
    Response ask_pin(const std::string &member, const std::string &body = kForAnHour,
                     const std::string &balancer = "app") const
    {
        return call("POST", "/balancers/" + balancer + "/members/" + member + "/pin", body);
    }
    // The value of the cookie.
    std::string pin(const std::string &member, const std::string &body = kForAnHour,
                    const std::string &balancer = "app") const
    {
        const auto answer = ask_pin(member, body, balancer);
        BOOST_TEST_REQUIRE(answer.status == 200, answer);
        const auto cookie = Json::parse(answer.body).at("cookie").get<std::string>();
        const std::string begin = "STICKYPIN=", end = "; path=/; HttpOnly; SameSite=Lax";
        BOOST_TEST_REQUIRE((cookie.starts_with(begin) && cookie.ends_with(end)), cookie);
        return cookie.substr(begin.size(), cookie.size() - begin.size() - end.size());
    }
    void stop_member(const std::string &member)
    {
        BOOST_TEST_REQUIRE(patch(member, R"({"requested":"stopped"})").status == 200);
    }
    Response get_with(const std::string &pin, const std::string &path = "/",
                      const std::string &cookies = "") const
    {
        return new_browser().get(path, {{"Cookie", cookies + "STICKYPIN=" + pin}});
    }
    Response take_back(const Headers &headers = {}) const
    {
        return call("DELETE", "/balancers/app/pins", "", headers);
    }
    std::size_t requests_so_far() { return a.requests().size() + b.requests().size(); }
    // By several children: each request has a connection of its own.
    void expect(const std::string &pin, const std::string &member, const std::string &path = "/")
    {
        for (int i = 0; i < 20; ++i) {
            const auto answer = get_with(pin, path);
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty() == (member == "b"), answer);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(client_pin_test)

BOOST_FIXTURE_TEST_CASE(a_stopped_member_serves_the_pinned_client_alone, Pins)
{
    start();
    Browser bound = new_browser_on("a"), former = new_browser_on("b");
    stop_member("b");
    const auto mine = pin("b");
    expect(mine, "b");
    BOOST_TEST(share_of_new_clients(*this, 20)["a"] == 20);
    BOOST_TEST(former.get("/").member == "a");  // it was moved
    const auto own_cookie = bound.cookie("ROUTEID");
    bound.add_cookie("STICKYPIN", mine);
    BOOST_TEST(bound.get("/").member == "b");
    BOOST_TEST(bound.cookie("ROUTEID") == own_cookie);
    bound.add_cookie("STICKYPIN", "");
    BOOST_TEST(bound.get("/").member == "a");
    httpd.log().expect("SB2307");
}

BOOST_FIXTURE_TEST_CASE(it_says_forced_and_until_when, Pins)
{
    start();
    const auto answer = ask_pin("b");
    BOOST_TEST(schema_problems(*this, {answer.body}) == "");
    const auto mine = pin("b");
    BOOST_TEST(get_with(mine, "/said", "ROUTEID=.a; ").member == "b");
    const auto line = logged(httpd, "/said");
    BOOST_TEST(line.at("cause") == "forced");
    BOOST_TEST(line.at("changed") == "-");
    BOOST_TEST(line.at("state") == "UN");
}

BOOST_FIXTURE_TEST_CASE(one_that_has_ended_is_none, Pins)
{
    start();
    stop_member("b");
    const auto brief = pin("b", R"({"for":"2s"})"), longer = pin("b");  // pins are still looked for
    BOOST_TEST(get_with(brief).member == "b");
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return get_with(brief).member == "a"; }));
    expect(brief, "a");
    expect(longer, "b");
}

BOOST_FIXTURE_TEST_CASE(one_that_was_changed_is_none, Pins)
{
    start();
    stop_member("b");
    const auto mine = pin("b");
    for (std::size_t i = 0; i < mine.size(); ++i) {
        auto changed = mine;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        BOOST_TEST(get_with(changed).member == "a", i);
    }
    for (const auto &changed : {mine.substr(1), mine + 'A', std::string("x"), std::string()})
        BOOST_TEST(get_with(changed).member == "a", changed);
    BOOST_TEST(get_with("x; STICKYPIN=" + mine).member == "b");
}

BOOST_FIXTURE_TEST_CASE(one_of_another_balancer_is_none, Pins)
{
    start(kOther);
    stop_member("b");
    BOOST_TEST(call("PATCH", "/balancers/other/members/b", R"({"requested":"stopped"})").status ==
               200);
    const auto of_app = pin("b"), of_other = pin("b", kForAnHour, "other");
    expect(of_app, "b");
    expect(of_app, "a", "/other/");
    expect(of_other, "b", "/other/");
    expect(of_other, "a");
}

BOOST_FIXTURE_TEST_CASE(it_survives_restarts, Pins)
{
    start();
    stop_member("b");
    const auto mine = pin("b");
    httpd.graceful();
    expect(mine, "b");
    httpd.stop();
    httpd.start_again();
    expect(mine, "b");
}

BOOST_FIXTURE_TEST_CASE(neither_members_nor_logs_are_shown_it, Pins)
{
    start("LogLevel stickybalancer:trace8");
    const auto mine = pin("b");
    for (const auto *cookies : {"", "x=1; ", "ROUTEID=.a; "})
        BOOST_TEST(get_with(mine, "/hidden", cookies).member == "b");
    const auto requests = b.requests();
    BOOST_TEST(requests.size() == 3u);
    for (const auto &request : requests)
        BOOST_TEST(!request.cookie("STICKYPIN"));
    BOOST_TEST(requests.at(1).cookie("x").value_or("") == "1");
    BOOST_TEST(!httpd.log().has(mine));
    httpd.log().expect("SB2307");
}

BOOST_FIXTURE_TEST_CASE(no_server_that_is_asked_sees_it, Pins)
{
    start(kOtherServers);
    const auto mine = pin("b");
    for (const auto *path : {"/other/", "/theirs/", "/plain/"}) {
        const auto before = requests_so_far();
        BOOST_TEST(get_with(mine, path, "x=1; ").status == 200, path);
        BOOST_TEST(requests_so_far() == before + 1, path);
    }
    for (const auto *member : {&a, &b})
        for (const auto &request : member->requests()) {
            BOOST_TEST(!request.cookie("STICKYPIN"));
            BOOST_TEST(request.cookie("x").value_or("") == "1");
        }
}

BOOST_FIXTURE_TEST_CASE(before_one_is_made_cookies_are_nobodys, Pins)
{
    start(kOtherServers);
    for (const auto *path : {"/", "/other/", "/theirs/", "/plain/"})
        BOOST_TEST(get_with("x", path).status == 200);
    for (const auto *member : {&a, &b})
        for (const auto &request : member->requests())
            BOOST_TEST(request.cookie("STICKYPIN").value_or("") == "x");
}

BOOST_FIXTURE_TEST_CASE(all_of_a_balancer_are_taken_back, Pins)
{
    start(kOther);
    stop_member("b");
    BOOST_TEST(call("PATCH", "/balancers/other/members/b", R"({"requested":"stopped"})").status ==
               200);
    const auto one = pin("b"), another = pin("b", R"({"for":"30d"})"),
               of_other = pin("b", kForAnHour, "other");
    BOOST_TEST(take_back().status == 204);
    httpd.log().expect("SB2308");
    expect(one, "a");
    expect(another, "a");
    expect(of_other, "b", "/other/");
    const auto later = pin("b");
    expect(later, "b");
    httpd.graceful();
    expect(one, "a");
    expect(later, "b");
    httpd.stop();
    httpd.start_again();
    expect(one, "a");
    expect(later, "b");
}

BOOST_FIXTURE_TEST_CASE(what_is_ignored_has_no_pin, Pins)
{
    start(R"(
        </Proxy>
        SetEnvIf Request_URI "^/ignored" sticky-ignore
        <Proxy "balancer://app">
    )");
    stop_member("b");
    const auto mine = pin("b");
    expect(mine, "b");
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(get_with(mine, "/ignored").member == "a");
    for (const auto &request : a.requests())
        BOOST_TEST(!request.cookie("STICKYPIN"));
}

BOOST_FIXTURE_TEST_CASE(with_keys_and_sealed_cookies, Pins)
{
    const auto keys = httpd.root() / "conf/sticky.key";
    write_private_file(keys, kKey);
    start_httpd("StickyKey \"" + keys.string() + "\"\n" + R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert seal=opaque
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )" + kApiLocations);
    auto former = new_browser_on("b"), bound = new_browser_on("a");
    stop_member("b");
    const auto mine = pin("b");
    expect(mine, "b");
    const auto own_cookie = bound.cookie("ROUTEID");
    bound.add_cookie("STICKYPIN", mine);
    BOOST_TEST(bound.get("/").member == "b");
    BOOST_TEST(bound.cookie("ROUTEID") == own_cookie);
    former.add_cookie("STICKYPIN", mine);
    BOOST_TEST(former.get("/").member == "b");
    BOOST_TEST(take_back().status == 204);
    BOOST_TEST(bound.get("/").member == "a");
    BOOST_TEST(former.get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_dead_member_is_not_replaced, Pins)
{
    start();
    const auto mine = pin("b");
    b.stop();
    allow_failed_connections();
    BOOST_TEST(get_with(mine).status == 503);
    httpd.log().allow("SB");
}

BOOST_FIXTURE_TEST_CASE(what_makes_no_pin, Pins)
{
    start();
    for (const auto *body : {R"({"for":3600})", R"({"for":"31d"})", R"({"for":"100ms"})", "{}",
                             R"({"for":"1h","x":1})"})
        BOOST_TEST(is_error(ask_pin("b", body), 422), body);
    BOOST_TEST(is_error(ask_pin("b", "x"), 400));
    BOOST_TEST(is_error(ask_pin("gone"), 404));
    BOOST_TEST(is_error(ask_pin("b", kForAnHour, "gone"), 404));
    const auto path = "/balancers/app/members/b/pin";
    BOOST_TEST(is_error(call("POST", path, kForAnHour, {}), 415));
    BOOST_TEST(is_error(call("GET", path, "", {}), 404));
    auto stale = kJson;
    stale.push_back({"If-Match", "\"other\""});
    BOOST_TEST(is_error(call("POST", path, kForAnHour, stale), 412));
    BOOST_TEST(is_error(
        new_browser().request("POST", std::string("/look/api/v1") + path, kForAnHour, kJson), 403));
    BOOST_TEST(!httpd.log().has("SB2307"));
    BOOST_TEST(is_error(call("DELETE", "/balancers/gone/pins", "", {}), 404));
    BOOST_TEST(is_error(call("GET", "/balancers/app/pins", "", {}), 405));
    BOOST_TEST(is_error(take_back({{"If-Match", "\"other\""}}), 412));
    BOOST_TEST(is_error(take_back({{"Origin", "http://evil.example"}}), 403));
    BOOST_TEST(is_error(new_browser().request("DELETE", "/look/api/v1/balancers/app/pins"), 403));
    BOOST_TEST(!httpd.log().has("SB2308"));
}

BOOST_AUTO_TEST_SUITE_END()
