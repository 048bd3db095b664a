// SPDX-License-Identifier: Apache-2.0
//
// Some members of many: those at places that are far from each other, in one call, and how many of all take new clients.
// Caught if: others are shown, what is no list of places is taken for one, or a member counts that takes nobody new.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Chosen : ApiScenario {
    std::string names_at(const std::string &places)
    {
        std::string names;
        const auto answer = get("/balancers/app?at=" + places);
        for (const auto &member : answer.at("members"))
            names += member.at("name").get<std::string>() + ' ';
        return names;
    }
    // How many take new clients; the members say the same of themselves.
    int taking()
    {
        const auto all = get("/balancers/app");
        int count = 0;
        for (const auto &member : all.at("members"))
            count += member.at("taking").get<bool>() ? 1 : 0;
        BOOST_TEST(all.at("taking_count") == count);
        return count;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(api_chosen_members_test)

BOOST_FIXTURE_TEST_CASE(members_at_places, Chosen)
{
    std::string lines, many = "0";
    for (int i = 0; i < 300; ++i)
        lines += "BalancerMember \"http://127.0.0.1:1/" + std::to_string(10000 + i) + "\" route=m" +
                 std::to_string(i) + "\n";
    for (int i = 1; i < 200; ++i)
        many += ',' + std::to_string(i);
    start(lines);
    BOOST_TEST(names_at("2,101,300") == "m0 m99 m298 ");
    BOOST_TEST(names_at("301%2C302") == "m299 ");
    BOOST_TEST(names_at("5000").empty());
    BOOST_TEST(get("/balancers/app?at=7").at("member_count") == 302);
    BOOST_TEST(get("/balancers/app/members?at=" + many).at("members").size() == 200u);
    for (const auto &bad : {std::string(), std::string("x"), std::string("3,2"), std::string("2,2"),
                            std::string("1,"), many + ",200"})
        BOOST_TEST(is_error(call("GET", "/balancers/app?at=" + bad, "", {}), 400), bad);
}

BOOST_FIXTURE_TEST_CASE(who_takes_new_clients, Chosen)
{
    start("BalancerMember \"http://127.0.0.1:1\" route=c\nProxySet growth=1");
    BOOST_TEST(taking() == 3);
    for (const auto *out : {R"({"requested":"drain"})", R"({"requested":"stopped"})",
                            R"({"requested":"ready","weight":0})"}) {
        BOOST_TEST(patch("b", out).status == 200);
        BOOST_TEST(taking() == 2, out);
    }
    BOOST_TEST(patch("b", R"({"weight":1})").status == 200);
    BOOST_TEST(taking() == 3);
    BOOST_TEST(new_browser().get("/", {{"Cookie", "ROUTEID=.c"}}).status == 200);
    allow_failed_connections();
    httpd.log().expect("SB2101");
    BOOST_TEST(taking() == 2);
    BOOST_TEST(schema_problems(*this, {get("/balancers/app").dump()}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
