// SPDX-License-Identifier: Apache-2.0
//
// How many clients are bound to a member: as mod_status shows it, estimated where cookies or the URL keep them, exact
// where a table does.
// Caught if: a client is counted twice or not at all, or where it is not bound; those whom the cookie alone keeps are not
// seen beside a table; clients behind one address are taken
// for one where the application tells them apart; the count is lost by a restart, or does not end with its clients.
#include <boost/test/unit_test.hpp>

#include <cstdlib>

#include "test/e2e/session_steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

// Of a few clients two may leave the same mark: one of a hundred estimates is one too low.
struct Counts : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines, const std::string &words = "",
               const std::string &more = "")
    {
        start_httpd(more + kServerStatus +
                    "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a\n"
                    "BalancerMember \"{b.url}\" route=b\n" +
                    lines + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\" " + words + "\n");
    }
    int count_of(int member)
    {
        return std::atoi(shown(*this, "Member[" + std::to_string(member) + "]Sessions").c_str());
    }
    // Estimates are made once a second.
    bool is_shown(int member, int least, int most)
    {
        return wait_until(within(std::chrono::seconds(10)), [&] {
            const auto count = count_of(member);
            return count >= least && count <= most;
        });
    }
    static BrowserOptions from(int number)
    {
        BrowserOptions options;
        options.source = "127.1.0." + std::to_string(number + 1);
        return options;
    }
    // A client that comes twice, with what it was given.
    void come_from(int number)
    {
        auto client = new_browser(from(number));
        client.get("/");
        client.get("/again");
    }
};

struct WithTable : SessionScenario {
    WithTable() { start("StickyOn cookie:JSESSIONID\nStickyCookie insert"); }
    // At each member, of whatever kind.
    bool is_shown(int least, int most, const std::string &kind) const
    {
        return wait_until(within(std::chrono::seconds(10)), [&] {
            for (int member = 0; member < 3; ++member) {
                const auto prefix = "Member[" + std::to_string(member) + "]";
                const auto sessions = count(prefix + "Sessions");
                if (sessions < least || sessions > most ||
                    shown(*this, prefix + "SessionsKind") != kind)
                    return false;
            }
            return true;
        });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_counts_test)

BOOST_FIXTURE_TEST_CASE(clients_of_a_cookie_of_ours_are_told_apart_by_their_addresses, Counts)
{
    start("StickyCookie insert");
    BOOST_TEST(count_of(0) == 0);
    BOOST_TEST(shown(*this, "Member[0]SessionsKind") == "estimate");
    BOOST_TEST(shown(*this, "Member[0]LastSeen").empty());
    BOOST_TEST(shown(*this, "Member[0]SessionsEnd").empty());
    for (int i = 0; i < 100; ++i)
        come_from(i);
    BOOST_TEST(is_shown(0, 48, 52));  // 50 each, in turn
    BOOST_TEST(is_shown(1, 48, 52));
    BOOST_TEST(!shown(*this, "Member[0]LastSeen").empty());
    BOOST_TEST(!shown(*this, "Member[0]SessionsEnd").empty());
    const int before[] = {count_of(0), count_of(1)};
    httpd.wait_until_idle(std::chrono::seconds(5));
    httpd.stop();
    httpd.start_again();
    BOOST_TEST(count_of(0) == before[0]);
    BOOST_TEST(count_of(1) == before[1]);
}

BOOST_FIXTURE_TEST_CASE(and_by_their_browsers, Counts)
{
    start("StickyCookie insert");
    for (int i = 0; i < 20; ++i) {
        auto client = new_browser();
        for (int page = 0; page < 3; ++page)
            client.get("/", {{"User-Agent", "Browser/" + std::to_string(i)}});
    }
    BOOST_TEST(is_shown(0, 9, 10));
    BOOST_TEST(is_shown(1, 9, 10));
}

BOOST_FIXTURE_TEST_CASE(clients_behind_one_address_are_told_apart_by_the_applications_session,
                        Counts)
{
    start("StickyCookie passive", "stickysession=JSESSIONID");
    int number = 0;
    a.on("/login", [&](const Request &) {
        return Answer{.headers = {{"Set-Cookie", "JSESSIONID=" + std::to_string(++number) + ".a"}}};
    });
    b.on("/login", [](const Request &) {  // names no member
        return Answer{.headers = {{"Set-Cookie", "JSESSIONID=none"}}};
    });
    for (int i = 0; i < 12; ++i) {
        auto client = new_browser();
        client.get("/login");
        client.get("/page");
        client.get("/page");
    }
    BOOST_TEST(number == 6);
    BOOST_TEST(is_shown(0, 5, 6));
    BOOST_TEST(is_shown(1, 0, 0));
}

BOOST_FIXTURE_TEST_CASE(and_by_the_session_behind_our_prefix, Counts)
{
    start("StickyCookie prefix name=SID");
    int number = 0;
    for (auto *member : {&a, &b})
        member->on("/login", [&](const Request &) {
            return Answer{.headers = {{"Set-Cookie", "SID=id" + std::to_string(++number)}}};
        });
    for (int i = 0; i < 12; ++i) {
        auto client = new_browser();
        client.get("/login");
        client.get("/page");
    }
    BOOST_TEST(is_shown(0, 5, 6));
    BOOST_TEST(is_shown(1, 5, 6));
}

BOOST_FIXTURE_TEST_CASE(and_by_the_session_in_the_url, Counts)
{
    start("StickyBalancer On\nProxySet stickysession=sid|sid");
    for (int i = 0; i < 5; ++i)
        for (int page = 0; page < 3; ++page)
            new_browser().get("/p;sid=" + std::to_string(i) + ".b");
    BOOST_TEST(is_shown(1, 4, 5));
    BOOST_TEST(is_shown(0, 0, 0));
}

BOOST_FIXTURE_TEST_CASE(who_is_not_bound_is_not_counted, Counts)
{
    start("StickyCookie insert", "",
          "SetEnvIf Request_URI ^/ignored sticky-ignore\n"
          "SetEnvIf Request_URI ^/forced sticky-force=a\n"
          "SetEnvIf Request_URI ^/released sticky-release\n");
    for (const std::string path : {"/ignored", "/forced", "/released"})
        for (int i = 0; i < 4; ++i)
            new_browser(from(i)).get(path);
    for (int i = 0; i < 4; ++i)  // their last request
        new_browser(from(i)).get("/released", {{"Cookie", "ROUTEID=.a"}});
    a.on("/cached", [](const Request &) {  // the cookie is withheld
        return Answer{.headers = {{"Cache-Control", "public, max-age=60"}}};
    });
    b.on("/cached", [](const Request &) {
        return Answer{.headers = {{"Cache-Control", "public, max-age=60"}}};
    });
    for (int i = 0; i < 4; ++i)
        new_browser(from(i)).get("/cached");
    for (int i = 100; i < 106; ++i)
        come_from(i);
    BOOST_TEST(is_shown(0, 3, 3));
    BOOST_TEST(is_shown(1, 3, 3));
}

BOOST_FIXTURE_TEST_CASE(nor_who_is_served_by_a_member_that_binds_nobody, Counts)
{
    start_httpd(std::string(kServerStatus) + R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a status=+D
            BalancerMember "{b.url}" route=b status=+H
            StickyMember b nolearn
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    for (int i = 0; i < 4; ++i)
        come_from(i);
    BOOST_TEST(shown(*this, "Member[1]Causes.policy") != "0");
    BOOST_TEST(shown(*this, "Member[1]LastSeen").empty());
    BOOST_TEST(count_of(1) == 0);
}

BOOST_FIXTURE_TEST_CASE(sessions_end_when_their_lifetime_is_over, Counts)
{
    start("StickyCookie insert maxidle=5s");
    come_from(1);
    come_from(2);
    BOOST_TEST(is_shown(0, 1, 1));
    BOOST_TEST(is_shown(1, 1, 1));
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return count_of(0) == 0 && count_of(1) == 0; }));
    BOOST_TEST(shown(*this, "Member[0]SessionsEnd").empty());
    BOOST_TEST(!shown(*this, "Member[0]LastSeen").empty());
}

BOOST_FIXTURE_TEST_CASE(a_balancer_that_keeps_nobody_counts_nobody, Counts)
{
    start("StickyBalancer On");
    come_from(1);
    BOOST_TEST(shown(*this, "Member[0]SessionsKind") == "none");
    BOOST_TEST(shown(*this, "Member[0]Sessions").empty());
}

BOOST_FIXTURE_TEST_CASE(a_table_counts_exactly, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID\nStickyCookie insert");
    for (int i = 0; i < 37; ++i)
        log_in();
    int all = 0;
    for (int member = 0; member < 3; ++member) {
        const auto prefix = "Member[" + std::to_string(member) + "]";
        all += count(prefix + "Sessions");
        BOOST_TEST(shown(*this, prefix + "SessionsKind") == "exact");
        BOOST_TEST(!shown(*this, prefix + "SessionsEnd").empty());
    }
    BOOST_TEST(all == 37);
}

BOOST_FIXTURE_TEST_CASE(who_has_a_session_in_the_table_and_our_cookie_is_counted_once, WithTable)
{
    for (int i = 0; i < 6; ++i) {
        auto client = new_browser(Counts::from(i));
        client.get("/login");
        client.get("/page");
        client.get("/page");
        BOOST_TEST(!client.cookie("ROUTEID").empty());
    }
    BOOST_TEST(is_shown(2, 2, "exact"));
}

BOOST_FIXTURE_TEST_CASE(who_is_kept_by_our_cookie_alone_counts_beside_the_table, WithTable)
{
    for (int i = 0; i < 6; ++i)
        new_browser(Counts::from(i)).get("/login");
    for (int i = 6; i < 12; ++i) {
        auto client = new_browser(Counts::from(i));
        client.get("/");
        client.get("/page");
    }
    BOOST_TEST(is_shown(3, 4, "estimate"));
}

// A drain that took its session for its last would send it away.
BOOST_FIXTURE_TEST_CASE(whom_the_cookie_keeps_longer_than_the_table_is_somebody, SessionScenario)
{
    start(
        "StickyOn cookie:JSESSIONID\nStickyTable size=1k expire=1s\nStickyCookie insert "
        "maxidle=60s");
    auto client = new_browser();
    const auto member = client.get("/login").member;
    client.get("/page");
    const auto sessions_of_all = [&] {
        int all = 0;
        for (int i = 0; i < 3; ++i)
            all += count("Member[" + std::to_string(i) + "]Sessions");
        return all;
    };
    const auto kinds_of_all = [&] {
        std::string kinds;
        for (int i = 0; i < 3; ++i)
            kinds += shown(*this, "Member[" + std::to_string(i) + "]SessionsKind") + " ";
        return kinds;
    };
    BOOST_TEST(sessions_of_all() == 1);
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)), [&] {
        return kinds_of_all().find("estimate") != std::string::npos;  // its session has expired
    }));
    BOOST_TEST(sessions_of_all() == 1);
    BOOST_TEST(client.get("/page").member == member);
}

// The cookie goes first, and the session stays where it is: it may be taken up there by whoever has no cookie.
BOOST_FIXTURE_TEST_CASE(whom_our_cookie_leads_elsewhere_than_the_table_is_counted_there, WithTable)
{
    const auto session = log_in_at("b");
    const auto before = count("Member[0]Sessions");
    const auto answer =
        new_browser().get("/", {{"Cookie", "JSESSIONID=" + session + "; ROUTEID=.a"}});
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return count("Member[0]Sessions") == before + 1; }));
    BOOST_TEST(shown(*this, "Member[0]SessionsKind") == "estimate");
    BOOST_TEST(shown(*this, "Member[1]SessionsKind") == "exact");
}

BOOST_AUTO_TEST_SUITE_END()
