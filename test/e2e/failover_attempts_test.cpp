// SPDX-License-Identifier: Apache-2.0
//
// Several dead members in one request: each is tried once, until one answers or maxattempts= says
// that it is enough.
// Caught if: a member is tried twice by one request, maxattempts= is not followed, or the cookie
// names a member that did not answer.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct FiveMembers : Scenario {
    std::vector<FakeMember> members;

    FiveMembers()
    {
        for (const auto *name : {"a", "b", "c", "d", "e"})
            members.push_back(start_member(name));
    }
    void start(const std::string &words, const std::string &member_words = "")
    {
        std::string text = "<Proxy \"balancer://app\">\n";
        for (const auto &member : members)
            text += "BalancerMember \"{" + member.name() + ".url}\" route=" + member.name() + " " +
                    member_words + "\n";
        start_httpd(text + words + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    void stop(const std::string &names)
    {
        for (auto &member : members)
            if (names.find(member.name()) != std::string::npos)
                member.stop();
        allow_failed_connections();
    }
    int tries_of(const FakeMember &member)
    {
        return httpd.log().count("127.0.0.1:" + std::to_string(member.port()) +
                                 " (127.0.0.1:" + std::to_string(member.port()) + ") failed");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(failover_attempts_test)

BOOST_FIXTURE_TEST_CASE(one_request_passes_four_dead_members, FiveMembers)
{
    start("");
    Browser client = new_browser_on("a");
    stop("abcd");
    const auto answer = client.post("/last", std::string(20'000, 'x'));
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.member == "e");
    BOOST_TEST(answer.set_cookies().size() == 1u);
    BOOST_TEST(client.cookie("ROUTEID") == ".e");
    BOOST_TEST(logged(httpd, "/last").at("attempts") == "5");
    for (const auto &member : members)
        BOOST_TEST(tries_of(member) == (member.name() == "e" ? 0 : 1), member.name());
}

BOOST_FIXTURE_TEST_CASE(maxattempts_ends_the_request, FiveMembers)
{
    start("ProxySet maxattempts=2");
    Browser client = new_browser_on("a");
    stop("abcd");
    // mod_proxy counts the attempts after the first.
    const auto answer = client.get("/first");
    if (answer.member != "e") {
        BOOST_TEST(answer.status == 503);
        BOOST_TEST(answer.set_cookies().empty());
        BOOST_TEST(client.cookie("ROUTEID") == ".a");
        BOOST_TEST(httpd.log().count("AH00957") == 3);
        BOOST_TEST(logged(httpd, "/first").at("attempts") == "3");
    }
    BOOST_TEST(client.get("/second").member == "e");
    BOOST_TEST(httpd.log().count("AH00957") <= 4);
}

BOOST_FIXTURE_TEST_CASE(more_attempts_than_members_try_each_once, FiveMembers)
{
    start("ProxySet maxattempts=20");
    stop("abcde");
    const auto answer = new_browser().get("/all");
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.set_cookies().empty());
    BOOST_TEST(logged(httpd, "/all").at("attempts") == "5");
    for (const auto &member : members)
        BOOST_TEST(tries_of(member) == 1, member.name());
    httpd.log().allow("SB4001");
}

BOOST_FIXTURE_TEST_CASE(retry_0_does_not_bring_a_member_back_within_the_request, FiveMembers)
{
    start("ProxySet maxattempts=20", "retry=0");
    Browser client = new_browser_on("a");
    stop("abcd");
    BOOST_TEST(client.get("/last").member == "e");
    BOOST_TEST(logged(httpd, "/last").at("attempts") == "5");
    for (const auto &member : members)
        BOOST_TEST(tries_of(member) == (member.name() == "e" ? 0 : 1), member.name());
    httpd.log().allow("SB2003");
}

BOOST_FIXTURE_TEST_CASE(retry_0_asks_a_dead_member_at_each_turn_and_finds_it_at_once, FiveMembers)
{
    start("", "retry=0");
    stop("abcd");
    const Share all_on_e = {{"e", 5}};
    BOOST_TEST((share_of_new_clients(*this, 5) == all_on_e));
    for (auto &member : members)
        if (member.name() != "e")
            member.start_again();
    const Share all_in_turn = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}};
    BOOST_TEST((share_of_new_clients(*this, 5) == all_in_turn));
}

BOOST_AUTO_TEST_SUITE_END()
