// SPDX-License-Identifier: Apache-2.0
//
// lbmethod=hash with StickyHash: who a client is decides where it goes, without a cookie.
// Caught if: two children place one key differently, a restart or a member that leaves moves the keys
// of others, a member that returns does not get its own back, or the bound on load does not hold.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr int kKeys = 40;
using Places = std::map<std::string, std::string>;  // key to member

struct HashPolicy : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    void start(const std::string &words = "header:X-Key")
    {
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a retry=1
                BalancerMember "{b.url}" route=b retry=1
                BalancerMember "{c.url}" route=c retry=1
                ProxySet lbmethod=hash
                StickyHash )" +
                    words + R"(
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    // Where a browser's requests with each of the keys go.
    Places places_of(Browser &browser)
    {
        Places places;
        for (int i = 0; i < kKeys; ++i) {
            const auto key = "user" + std::to_string(i);
            const auto answer = browser.get("/", {{"X-Key", key}});
            BOOST_TEST(answer.set_cookies().empty());
            places[key] = answer.status == 200 ? answer.member : std::to_string(answer.status);
        }
        return places;
    }
    Places places()
    {
        auto browser = new_browser();
        return places_of(browser);
    }
    static int count(const Places &places, const std::string &member)
    {
        return static_cast<int>(std::count_if(places.begin(), places.end(), [&](const auto &place) {
            return place.second == member;
        }));
    }
};

const std::string kKeysOfRequests[] = {"cookie:SID", "header:X-Key", "query:user", "path:sid",
                                       "\"expr:%{req:X-Key}\""};

}  // namespace

BOOST_AUTO_TEST_SUITE(hash_policy_test)

BOOST_FIXTURE_TEST_CASE(a_key_goes_to_one_member_from_every_child_and_after_restarts, HashPolicy)
{
    start();
    const auto at_first = places();
    for (const auto *member : {"a", "b", "c"})
        BOOST_TEST(count(at_first, member) > 0);
    for (auto &browser : browsers_on_every_child(*this))
        BOOST_TEST((places_of(browser) == at_first));
    httpd.graceful();
    BOOST_TEST((places() == at_first));
    httpd.wait_until_idle(std::chrono::seconds(5));  // event stumbles over sockets that are closing
    httpd.stop();
    httpd.start_again();
    BOOST_TEST((places() == at_first));
}

BOOST_FIXTURE_TEST_CASE(a_member_that_leaves_moves_its_own_keys_only_and_gets_them_back, HashPolicy)
{
    start();
    const auto at_first = places();
    b.stop();
    allow_failed_connections();
    const auto without_b = places();
    for (const auto &[key, member] : at_first) {
        if (member == "b")
            BOOST_TEST((without_b.at(key) == "a" || without_b.at(key) == "c"));
        else
            BOOST_TEST(without_b.at(key) == member);
    }
    b.start_again();
    BOOST_TEST(wait_until(within(std::chrono::seconds(20)), [&] { return places() == at_first; }));
}

BOOST_FIXTURE_TEST_CASE(a_member_that_is_disabled_gives_its_keys_away_for_so_long, HashPolicy)
{
    start();
    const auto at_first = places();
    httpd.balancer_manager("app", "c", {{"w_status_D", "1"}});
    const auto without_c = places();
    BOOST_TEST(count(without_c, "c") == 0);
    for (const auto &[key, member] : at_first)
        if (member != "c")
            BOOST_TEST(without_c.at(key) == member);
    httpd.balancer_manager("app", "c", {{"w_status_D", "0"}});
    BOOST_TEST((places() == at_first));
}

BOOST_FIXTURE_TEST_CASE(the_cause_is_logged_and_who_has_no_key_is_placed_by_chance, HashPolicy)
{
    start();
    new_browser().get("/keyed", {{"X-Key", "me"}});
    new_browser().get("/keyless");
    BOOST_TEST(logged(httpd, "/keyed").at("cause") == "hash");
    BOOST_TEST(logged(httpd, "/keyless").at("cause") == "policy");
    const auto share = share_of_new_clients(*this, 60);
    for (const auto *member : {"a", "b", "c"})
        BOOST_TEST((share.count(member) == 1 && share.at(member) >= 5));
}

// A request without a Cookie header, a query, such a header.
BOOST_DATA_TEST_CASE_F(HashPolicy, a_key_that_is_nowhere_is_none, kKeysOfRequests, key)
{
    start(key);
    BOOST_TEST(new_browser().get("/").status == 200);
    BOOST_TEST(new_browser().get("/nothing").status == 200);
    BOOST_TEST(logged(httpd, "/nothing").at("cause") == "policy");
}

// Nine requests of one key at one time. A fair share is three; 150 percent of it is four and a half.
BOOST_FIXTURE_TEST_CASE(a_popular_key_is_spread_where_its_member_has_its_share, HashPolicy)
{
    start("query:user balance-factor=150");
    std::vector<FakeMember> members = {a, b, c};
    for (auto &member : members)
        member.hold("/slow");
    const auto seen = [&] {
        std::size_t count = 0;
        for (const auto &member : members)
            count += member.requests().size();
        return count;
    };
    std::vector<std::unique_ptr<Browser>> clients;
    std::vector<PendingResponse> answers;
    for (std::size_t i = 1; i <= 9; ++i) {
        clients.push_back(std::make_unique<Browser>(new_browser()));
        answers.push_back(clients.back()->start_get("/slow?user=me"));
        BOOST_REQUIRE(wait_until(within(std::chrono::seconds(10)), [&] { return seen() == i; }));
    }
    for (auto &member : members) {
        BOOST_TEST(member.requests().size() <= 5u);
        member.release("/slow");
    }
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
