// SPDX-License-Identifier: Apache-2.0
//
// StickyWhenDown persist: a client's own member is tried although it is down, then others.
// Caught if: a client loses its session because others think that its member is down; a client is not moved
// where the member is really gone, or is sent to one that was taken out; or its requests change what others
// think of the member.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

std::string site(const std::string &words_of_b, const std::string &line)
{
    return "Header always set X-Sticky \"%{STICKY_CAUSE}e %{STICKY_STATE}e %{STICKY_ATTEMPTS}e\"\n"
           "<Proxy \"balancer://app\">\n"
           "BalancerMember \"{a.url}\" route=a\n"
           "BalancerMember \"{b.url}\" route=b " +
           words_of_b + "\nStickyCookie insert\n" + line +
           "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
}

struct Persist : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    Browser start(const std::string &words_of_b = "retry=60",
                  const std::string &line = "StickyWhenDown persist")
    {
        start_httpd(site(words_of_b, line));
        return new_browser_on("b");
    }
    // New clients find b dead.
    void kill_b()
    {
        b.stop();
        allow_failed_connections();
        for (int i = 0; i < 4; ++i)
            BOOST_TEST(new_browser().get("/").member == "a");
        httpd.log().expect("SB2101");
    }
    std::string status_of_b() { return shown_member(httpd, b.url()).at("status"); }
    static void expect_persisted(Browser &client)
    {
        for (int i = 0; i < 4; ++i) {
            const auto answer = client.get("/");
            BOOST_TEST(answer.member == "b");
            BOOST_TEST(answer.header("X-Sticky") == "persist VN 1");
            BOOST_TEST(answer.set_cookies().empty(), answer);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(when_down_persist_test)

BOOST_FIXTURE_TEST_CASE(a_member_that_others_take_for_dead_serves_its_clients, Persist)
{
    auto client = start();
    kill_b();
    b.start_again();
    expect_persisted(client);
    const Share all_on_a = {{"a", 6}};
    BOOST_TEST((share_of_new_clients(*this, 6) == all_on_a));
    BOOST_TEST(status_of_b().find("Err") != std::string::npos);
    BOOST_TEST(!httpd.log().has("SB2102"));
}

BOOST_FIXTURE_TEST_CASE(a_member_that_is_really_dead_is_tried_once_and_the_client_is_moved, Persist)
{
    auto client = start();
    kill_b();
    const auto said = httpd.log().count("SB2101");
    const auto moved = client.post("/", "a body");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.header("X-Sticky") == "redispatch DI 2");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
    BOOST_TEST(a.last_request().body == "a body");
    BOOST_TEST(client.get("/").header("X-Sticky") == "cookie VN 1");
    BOOST_TEST(httpd.log().count("SB2101") == said);
}

BOOST_FIXTURE_TEST_CASE(stopped_means_stopped, Persist)
{
    auto client = start();
    for (const auto *status : {"w_status_D", "w_status_S"}) {
        httpd.balancer_manager("app", "b", {{status, "1"}});
        auto other = new_browser();
        other.add_cookie("ROUTEID", ".b");
        BOOST_TEST(other.get("/").header("X-Sticky") == "redispatch DI 1");
        httpd.balancer_manager("app", "b", {{status, "0"}});
    }
    BOOST_TEST(client.get("/").member == "b");
}

// "rm running": the check fails, the server still serves.
BOOST_FIXTURE_TEST_CASE(a_failed_check_keeps_new_clients_away_and_no_others, Persist)
{
    b.on("/health", [](const Request &) { return Answer{.status = 404}; });
    start_httpd("ProxyHCExpr ok {%{REQUEST_STATUS} =~ /^200/}\n" +
                site("hcmethod=GET hcuri=/health hcexpr=ok hcinterval=1 hcfails=1 hcpasses=1",
                     "StickyWhenDown persist"));
    httpd.log().allow("AH03301");  // mod_proxy_hcheck disables a member
    httpd.log().allow("AH03302");
    httpd.log().expect("SB2101");
    auto client = new_browser();
    client.add_cookie("ROUTEID", ".b");
    expect_persisted(client);
    const Share all_on_a = {{"a", 6}};
    BOOST_TEST((share_of_new_clients(*this, 6) == all_on_a));
    b.on("/health", [](const Request &) { return Answer{}; });
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return client.get("/").header("X-Sticky") == "cookie VN 1"; }));
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_counts_as_a_failure_is_its_clients_all_the_same, Persist)
{
    auto client = start("retry=60", "ProxySet failonstatus=500\nStickyWhenDown persist");
    b.on("/broken", [](const Request &) { return Answer{.status = 500}; });
    BOOST_TEST(client.get("/broken").status == 500);
    httpd.log().expect("SB2001");
    httpd.log().expect("SB2101");
    BOOST_TEST(client.get("/broken").status == 500);
    expect_persisted(client);
    BOOST_TEST(httpd.log().count("SB2001") == 1);  // it was out of use already
}

BOOST_FIXTURE_TEST_CASE(a_live_backup_with_its_route_goes_first, Scenario)
{
    auto a = start_member("a"), b = start_member("b");
    start_member("backup");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b retry=60
            BalancerMember "{backup.url}" route=b status=+H
            StickyCookie insert
            StickyWhenDown persist
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    auto client = new_browser_on("b");
    b.stop();
    allow_failed_connections();
    BOOST_TEST(client.get("/").member == "backup");
    b.start_again();
    BOOST_TEST(client.get("/").member == "backup");
    BOOST_TEST(client.cookie("ROUTEID") == ".b");
}

BOOST_FIXTURE_TEST_CASE(some_requests_may_persist_where_others_do_not, Persist)
{
    auto client = start("retry=60",
                        "</Proxy>\n<Location \"/cart\">\nStickyWhenDown persist\n</Location>\n"
                        "<Proxy \"balancer://app\">");
    kill_b();
    b.start_again();
    BOOST_TEST(client.get("/cart").header("X-Sticky") == "persist VN 1");
    BOOST_TEST(client.get("/").header("X-Sticky") == "redispatch DI 1");
    BOOST_TEST(client.get("/cart").member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_session_in_the_table_persists_and_is_moved_when_its_member_is_gone,
                        SessionScenario)
{
    start_httpd(site("StickyOn cookie:JSESSIONID\nStickyWhenDown persist", "retry=60"));
    const auto id = log_in_at("b");
    auto &b = member("b");
    b.stop();
    allow_failed_connections();
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(new_browser().get("/").status == 200);
    httpd.log().expect("SB2101");
    b.start_again();
    BOOST_TEST(is_kept(cookie(id), "b"));
    b.stop();
    const auto moved = new_browser().get("/", cookie(id)).member;
    BOOST_TEST(moved != "b");
    b.start_again();
    BOOST_TEST(is_kept(cookie(id), moved));
}

BOOST_AUTO_TEST_SUITE_END()
