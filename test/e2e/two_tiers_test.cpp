// SPDX-License-Identifier: Apache-2.0
//
// Balancers behind balancers: an office's proxy that reads which site a client belongs to, a
// director in each site that sets it, and in each site a balancer of its application. A cookie for
// each tier, two in each client.
// Caught if: a tier reads, sets or takes away another's cookie, clients of a site are spread over
// its fronts, or a client of a site that is gone is not told where it belongs now.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;
using boost::test_tools::per_element;
using Lines = std::vector<std::string>;

namespace {

const Lines kNoLines = {};

std::string site_cookie(const std::string &site)
{
    return "SITE=." + site + "; path=/; HttpOnly; SameSite=Lax";
}

// A director in front of two balancers of its own site and one of the other.
struct Director : Scenario {
    FakeMember first = start_member("first"), second = start_member("second");
    FakeMember remote = start_member("remote");

    Director()
    {
        start_httpd(R"(
            <Proxy "balancer://sites">
                BalancerMember "{first.url}" route=SITE1 retry=1
                BalancerMember "{second.url}" route=SITE1 retry=1
                BalancerMember "{remote.url}" route=SITE2 status=+H
                StickyCookie insert indirect name=SITE
            </Proxy>
            ProxyPass "/" "balancer://sites/"
        )");
        httpd.log().expect("SB1103");  // two members with one route; here it is meant
    }
    static void expect(Browser &client, const std::string &member)
    {
        for (int i = 0; i < 3; ++i) {
            const auto answer = client.get("/");
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
        }
    }
};

// A site's own balancer, of four application servers that set JSESSIONID at /login.
std::string balancer_of_site(const std::string &name, const std::string &one,
                             const std::string &two)
{
    return "Listen 127.0.0.1:{port." + name + "}\n<VirtualHost 127.0.0.1:{port." + name + R"(}>
            <Proxy "balancer://app">
                BalancerMember "{)" +
           one + ".url}\" route=" + one + R"(
                BalancerMember "{)" +
           two + ".url}\" route=" + two + R"(
                StickyCookie prefix name=JSESSIONID
            </Proxy>
            ProxyPass "/" "balancer://app/"
        </VirtualHost>
    )";
}

// Where `local` is the port of this site's balancer, `remote` that of the other's.
std::string director(const std::string &local, const std::string &route, const std::string &remote,
                     const std::string &remote_route)
{
    return "<Proxy \"balancer://sites\">\nBalancerMember \"http://127.0.0.1:" + local +
           "\" route=" + route + "\nBalancerMember \"http://127.0.0.1:" + remote +
           "\" route=" + remote_route + R"( status=+H
            StickyCookie insert indirect name=SITE
        </Proxy>
        ProxyPass "/" "balancer://sites/"
    )";
}

// Everything on the main httpd, but the director of site 1, which tests stop.
struct TwoSites : Scenario {
    std::map<std::string, FakeMember> servers;
    HttpdInstance *director_1 = nullptr;

    TwoSites()
    {
        for (const std::string name : {"W13", "W14", "W23", "W24"}) {
            auto server = start_member(name);
            server.on("/login",
                      Answer{.headers = {{"Set-Cookie", "JSESSIONID=123; Path=/; HttpOnly"}}});
            servers.emplace(name, server);
        }
        const auto site_1 = std::to_string(httpd.port("site1")),
                   site_2 = std::to_string(httpd.port("site2"));
        director_1 = &start_other_httpd(director(site_1, "SITE1", site_2, "SITE2"));
        httpd.define("director1.port", std::to_string(director_1->port()));
        start_httpd(balancer_of_site("site1", "W13", "W14") +
                    balancer_of_site("site2", "W23", "W24") + R"(
            Listen 127.0.0.1:{port.director2}
            <VirtualHost 127.0.0.1:{port.director2}>
                )" + director(site_2, "SITE2", site_1, "SITE1") +
                    R"(
            </VirtualHost>
            <VirtualHost 127.0.0.1:{port}>
                <Proxy "balancer://office">
                    BalancerMember "http://127.0.0.1:{director1.port}" route=SITE1 retry=0 disablereuse=On
                    BalancerMember "http://127.0.0.1:{port.director2}" route=SITE2 retry=0
                    StickyCookie passive name=SITE
                </Proxy>
                ProxyPass "/" "balancer://office/"
            </VirtualHost>
        )");
    }
    static std::string site_of(const std::string &server)
    {
        return server[1] == '1' ? "SITE1" : "SITE2";
    }
    Response ask(const std::string &cookie) const
    {
        return new_browser().get("/", {{"Cookie", cookie}});
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(two_tiers_test)

BOOST_FIXTURE_TEST_CASE(new_clients_of_a_site_use_all_its_fronts, Director)
{
    const Share even = {{"first", 4}, {"second", 4}};
    Share share;
    for (int i = 0; i < 8; ++i) {
        const auto answer = new_browser().get("/");
        BOOST_TEST(answer.set_cookies() == Lines{site_cookie("SITE1")}, per_element());
        ++share[answer.member];
    }
    BOOST_TEST((share == even));
}

BOOST_FIXTURE_TEST_CASE(clients_of_a_site_get_its_first_front_that_lives, Director)
{
    Browser client = new_browser();
    client.add_cookie("SITE", ".SITE1");
    expect(client, "first");
    first.stop();
    allow_failed_connections();
    expect(client, "second");
    first.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return client.get("/").member == "first"; }));
    expect(client, "first");
    BOOST_TEST(client.cookie("SITE") == ".SITE1");
}

BOOST_FIXTURE_TEST_CASE(a_site_that_is_gone_leaves_its_clients_to_the_other, Director)
{
    Browser client = new_browser();
    client.add_cookie("SITE", ".SITE1");
    expect(client, "first");
    first.stop(), second.stop();
    allow_failed_connections();
    const auto moved = client.get("/");
    BOOST_TEST(moved.member == "remote");
    BOOST_TEST(moved.set_cookies() == Lines{site_cookie("SITE2")}, per_element());
    expect(client, "remote");

    first.start_again(), second.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return new_browser().get("/").member != "remote"; }));
    expect(client, "remote");  // a session that began there stays there
}

BOOST_FIXTURE_TEST_CASE(the_cookie_of_the_director_stays_with_it, Director)
{
    const auto answer = new_browser().get("/", {{"Cookie", "a=1; SITE=.SITE1; b=2"}});
    BOOST_TEST(answer.member == "first");
    BOOST_TEST(first.last_request().headers.all("Cookie") == Lines{"a=1; b=2"}, per_element());
    new_browser().get("/", {{"Cookie", "SITE=SITE1"}});
    BOOST_TEST(!first.last_request().headers.has("Cookie"));
}

BOOST_FIXTURE_TEST_CASE(two_cookies_lead_through_three_tiers, TwoSites)
{
    for (const auto &[server, member] : servers) {
        const auto site = site_of(server);
        for (const auto &cookie : {"SITE=" + site + "; JSESSIONID=" + server + "~123",
                                   "SITE=." + site + "; JSESSIONID=" + server + "~123",
                                   "JSESSIONID=" + server + "~123; SITE=." + site}) {
            const auto answer = ask(cookie);
            BOOST_TEST(answer.member == server);
            BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
            BOOST_TEST(member.last_request().headers.all("Cookie") == Lines{"JSESSIONID=123"},
                       per_element());
        }
        ask("a=1; SITE=." + site + "; b=2; JSESSIONID=" + server + "~1~2; c=3");
        BOOST_TEST(
            member.last_request().headers.all("Cookie") == Lines{"a=1; b=2; JSESSIONID=1~2; c=3"},
            per_element());
    }
}

BOOST_FIXTURE_TEST_CASE(each_tier_sets_its_own_cookie_once, TwoSites)
{
    Share share;
    for (int i = 0; i < 4; ++i) {
        Browser client = new_browser();
        const auto login = client.get("/login");
        const Lines expected = {"JSESSIONID=" + login.member + "~123; Path=/; HttpOnly",
                                site_cookie(site_of(login.member))};
        BOOST_TEST(login.set_cookies() == expected, per_element());
        for (int page = 0; page < 3; ++page) {
            const auto answer = client.get("/page");
            BOOST_TEST(answer.member == login.member);
            BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
        }
        ++share[site_of(login.member)];
    }
    const Share even = {{"SITE1", 2}, {"SITE2", 2}};
    BOOST_TEST((share == even));
}

// Active and passive: the director sets the cookie, the office's proxy only reads it.
BOOST_FIXTURE_TEST_CASE(the_office_reads_the_cookie_and_sets_none, TwoSites)
{
    for (const std::string site : {"SITE2", "SITE1", "SITE2"})
        for (int i = 0; i < 3; ++i) {
            const auto answer = ask("SITE=" + site);
            BOOST_TEST(site_of(answer.member) == site);
            BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
        }
    Browser client = new_browser();
    const auto first = client.get("/");
    BOOST_TEST(first.set_cookies() == Lines{site_cookie(site_of(first.member))}, per_element());

    const auto unknown = ask("SITE=SITE9");  // the director that got it says where it belongs
    BOOST_TEST(unknown.set_cookies() == Lines{site_cookie(site_of(unknown.member))}, per_element());
}

BOOST_FIXTURE_TEST_CASE(another_director_brings_clients_to_their_site, TwoSites)
{
    Browser client = new_browser();
    client.add_cookie("SITE", ".SITE1");
    client.add_cookie("JSESSIONID", "W14~123");
    const auto expect_home = [&] {
        const auto answer = client.get("/");
        BOOST_TEST(answer.member == "W14");
        BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
    };
    expect_home();
    const auto through_1 = director_1->access_log().wait_for(1).size();

    director_1->wait_until_idle(std::chrono::seconds(10));
    director_1->stop();
    allow_failed_connections();
    for (int i = 0; i < 3; ++i)
        expect_home();  // through director 2
    const auto fresh = new_browser().get("/");
    BOOST_TEST(site_of(fresh.member) == "SITE2");
    BOOST_TEST(fresh.set_cookies() == Lines{site_cookie("SITE2")}, per_element());

    director_1->start_again();
    expect_home();
    BOOST_TEST(director_1->access_log().wait_for(through_1 + 1).size() == through_1 + 1);
    BOOST_TEST(client.cookie("SITE") == ".SITE1");
    BOOST_TEST(client.cookie("JSESSIONID") == "W14~123");
}

// In each site, a client whose server is dead keeps its site.
BOOST_FIXTURE_TEST_CASE(a_dead_server_is_the_concern_of_its_site, TwoSites)
{
    servers.at("W14").stop();
    allow_failed_connections();
    Browser client = new_browser();
    client.add_cookie("SITE", ".SITE1");
    client.add_cookie("JSESSIONID", "W14~123");
    const auto moved = client.get("/");
    BOOST_TEST(moved.member == "W13");
    BOOST_TEST(moved.set_cookies() == kNoLines, per_element());
    BOOST_TEST(client.get("/login").set_cookies() == Lines{"JSESSIONID=W13~123; Path=/; HttpOnly"},
               per_element());
    BOOST_TEST(client.get("/").member == "W13");
    BOOST_TEST(client.cookie("SITE") == ".SITE1");
}

// Both tiers insert, with names of their own.
BOOST_FIXTURE_TEST_CASE(two_tiers_that_set_cookies, Scenario)
{
    auto a = start_member("a"), b = start_member("b");
    auto &inner = start_other_httpd(R"(
        <Proxy "balancer://inner">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert indirect name=INNER
        </Proxy>
        ProxyPass "/" "balancer://inner/"
    )");
    httpd.define("inner.port", std::to_string(inner.port()));
    start_httpd(R"(
        <Proxy "balancer://outer">
            BalancerMember "http://127.0.0.1:{inner.port}" route=o
            StickyCookie insert indirect name=OUTER
        </Proxy>
        ProxyPass "/" "balancer://outer/"
    )");
    const std::string attributes = "; path=/; HttpOnly; SameSite=Lax";
    for (int i = 0; i < 4; ++i) {
        Browser client = new_browser();
        const auto first = client.get("/");
        const Lines expected = {"INNER=." + first.member + attributes, "OUTER=.o" + attributes};
        BOOST_TEST(first.set_cookies() == expected, per_element());
        for (int n = 0; n < 3; ++n) {
            const auto answer = client.get("/");
            BOOST_TEST(answer.member == first.member);
            BOOST_TEST(answer.set_cookies() == kNoLines, per_element());
            BOOST_TEST(!(answer.member == "a" ? a : b).last_request().headers.has("Cookie"));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
