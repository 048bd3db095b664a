// SPDX-License-Identifier: Apache-2.0
//
// Many members, none of which has a place free or room in its queue: a request is turned away after
// a number of elections that has a cap, and the members serve again when they have places. Caught
// if: a request asks every member of a large balancer in vain, or is never answered.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr int kMembers = 70;
constexpr int kFirst =
    100;  // of their names: none is the beginning of another, which httpd takes for it
constexpr int kMostElections = 64;

// A worker for each request that is held, and for each that waits.
const std::string kProcesses = R"(
    <IfModule mpm_prefork_module>
        ServerLimit 160
        MaxRequestWorkers 160
        StartServers 150
    </IfModule>
    <IfModule !mpm_prefork_module>
        StartServers 7
        MaxRequestWorkers 192
    </IfModule>
)";

// One origin serves as all of them: each is a path of its own.
struct ManyMembers : Scenario {
    FakeMember origin = start_member("origin");

    ManyMembers()
    {
        std::string members;
        for (int i = kFirst; i < kFirst + kMembers; ++i)
            members += "BalancerMember \"{origin.url}/" + std::to_string(i) +
                       "\" route=" + std::to_string(i) + '\n';
        start_httpd(kProcesses + "<Proxy \"balancer://app\">\n" + members +
                    "StickyMember * maxconn=1 maxqueue=1\nStickyCookie insert\n</Proxy>\n"
                    "ProxyPass \"/\" \"balancer://app/\"\n");
    }
    RawConnection ask(int member, const std::string &path)
    {
        RawConnection client(httpd.port());
        client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nCookie: ROUTEID=." +
                    std::to_string(member) + "\r\n\r\n");
        return client;
    }
    static std::string slow(int member) { return '/' + std::to_string(member) + "/slow"; }

    void fill()
    {
        for (int i = kFirst; i < kFirst + kMembers; ++i)
            origin.hold(slow(i));
        for (int i = kFirst; i < kFirst + kMembers; ++i)
            clients.push_back(ask(i, "/slow"));
        for (int i = kFirst; i < kFirst + kMembers; ++i)
            BOOST_REQUIRE(origin.wait_held(slow(i), 1));
        for (int i = kFirst; i < kFirst + kMembers; ++i)
            clients.push_back(ask(i, "/queued"));
        httpd.log().expect_count("SB4004", kMembers);
    }
    // How many members it asked in vain.
    int refusals_of(Browser client)
    {
        const int before = httpd.log().count("SB4006");
        BOOST_TEST(client.get("/refused").status == 503);
        return httpd.log().count("SB4006") - before;
    }

    std::vector<RawConnection> clients;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(full_members_test)

BOOST_FIXTURE_TEST_CASE(a_request_is_turned_away_in_bounded_work, ManyMembers)
{
    fill();
    BOOST_TEST(refusals_of(new_browser()) == kMostElections);
    Browser bound = new_browser();
    bound.add_cookie("ROUTEID", ".105");
    BOOST_TEST(refusals_of(std::move(bound)) == kMostElections);
    httpd.log().expect("SB4001");
    for (int i = kFirst; i < kFirst + kMembers; ++i)
        origin.release(slow(i));
    for (auto &client : clients)
        BOOST_TEST(client.read_response().status == 200);
    BOOST_TEST(new_browser().get("/").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
