// SPDX-License-Identifier: Apache-2.0
//
// A client without a cookie is placed, in turn, and told where; one with a cookie comes back to its
// member and is told nothing.
// Caught if: each child process counts its own turns, a client moves, or a right cookie is sent again.
#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const char *const kFourMembers = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        BalancerMember "{c.url}" route=c
        BalancerMember "{d.url}" route=d
        StickyCookie insert
    </Proxy>
    ProxyPass "/" "balancer://app/" stickysession=ROUTEID
)";

struct FourMembers : Scenario {
    FourMembers()
    {
        for (const auto *name : {"a", "b", "c", "d"})
            start_member(name);
        start_httpd(kFourMembers);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(new_clients_test)

// The connections are kept, so that every child gets some; rounds, until two of them have served.
BOOST_FIXTURE_TEST_CASE(forty_new_clients_spread_exactly_over_four_members, FourMembers)
{
    std::vector<Browser> clients;
    std::set<std::string> processes;
    for (int round = 0; round < 10 && processes.size() < 2; ++round) {
        std::map<std::string, int> served;
        for (int turn = 0; turn < 10; ++turn) {
            std::set<std::string> in_this_turn;
            for (int i = 0; i < 4; ++i) {
                clients.push_back(new_browser());
                in_this_turn.insert(clients.back().get("/").member);
                ++served[clients.back().cookie("ROUTEID")];
            }
            BOOST_TEST(in_this_turn.size() == 4u);
        }
        const std::map<std::string, int> expected = {
            {".a", 10}, {".b", 10}, {".c", 10}, {".d", 10}};
        BOOST_TEST((served == expected));
        if (tested_mpm() == "prefork")
            clients.clear();
        for (const auto &line : httpd.access_log().wait_for(std::size_t(round + 1) * 40))
            processes.insert(line.at("pid"));
    }
    BOOST_TEST(processes.size() >= 2u);
}

BOOST_FIXTURE_TEST_CASE(a_client_stays_and_gets_its_cookie_once, FourMembers)
{
    for (const auto *member : {"a", "b", "c", "d"}) {
        Browser client = new_browser_on(member);
        BOOST_TEST(client.cookie("ROUTEID") == std::string(".") + member);
        for (int i = 0; i < 20; ++i) {
            if (i % 5 == 4)
                client.disconnect();
            const auto answer = client.get("/page?i=" + std::to_string(i));
            BOOST_TEST(answer.status == 200);
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
}

BOOST_FIXTURE_TEST_CASE(bound_clients_do_not_take_turns_away_from_new_ones, FourMembers)
{
    Browser bound = new_browser_on("a");
    std::map<std::string, int> served;
    for (int i = 0; i < 12; ++i) {
        bound.get("/");
        bound.get("/");
        ++served[new_browser().get("/").member];
    }
    BOOST_TEST(served["b"] == 3);
    BOOST_TEST(served["c"] == 3);
    BOOST_TEST(served["d"] == 3);
    BOOST_TEST(served["a"] == 3);
}

BOOST_FIXTURE_TEST_CASE(the_log_says_how_each_member_was_found, FourMembers)
{
    Browser client = new_browser();
    const auto member = client.get("/").member;
    client.get("/");
    const auto lines = httpd.access_log().wait_for(2);
    BOOST_TEST(lines[0].at("member") == member);
    BOOST_TEST(lines[0].at("cause") == "policy");
    BOOST_TEST(lines[0].at("state") == "NI");
    BOOST_TEST(lines[0].at("attempts") == "1");
    BOOST_TEST(lines[0].at("changed") == "1");
    BOOST_TEST(lines[1].at("member") == member);
    BOOST_TEST(lines[1].at("cause") == "cookie");
    BOOST_TEST(lines[1].at("state") == "VN");
    BOOST_TEST(lines[1].at("attempts") == "1");
    BOOST_TEST(lines[1].at("changed") == "-");
}

BOOST_AUTO_TEST_SUITE_END()
