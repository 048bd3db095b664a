// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/configuration.hpp"

#include <boost/test/unit_test.hpp>

#include "test/unit/stickyctl/fake_server.hpp"

using namespace stickybalancer::stickyctl;

namespace {

std::vector<std::string> differing(const Json &one, const Json &other)
{
    std::vector<std::string> lines;
    for (const auto &found : differences(configuration_of(one), configuration_of(other)))
        lines.push_back(found.what + ": " + found.in_one + " | " + found.in_other);
    return lines;
}

Json site(const std::vector<Json> &members)
{
    return balancers_json({balancer_json("app", members)});
}

using Lines = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(configuration_test)

BOOST_AUTO_TEST_CASE(live_numbers_are_no_configuration)
{
    const auto busy =
        member_json("b1", {{"active", 9}, {"sessions", 4}, {"actual", "down"}, {"last_seen", "x"}});
    BOOST_TEST(differing(site({member_json("b1")}), site({busy})).empty());
}

BOOST_AUTO_TEST_CASE(what_was_set_is)
{
    const auto one =
        site({member_json("b1", {{"weight", 5}, {"check", {{"kind", "http"}, {"passed", 3}}}})});
    const auto other = site(
        {member_json("b1", {{"requested", "drain"}, {"check", {{"kind", "tcp"}, {"passed", 9}}}})});
    BOOST_TEST(differing(one, other) == (Lines{"app/b1 requested: ready | drain",
                                               "app/b1 weight: 5 | 1", "app/b1 check: http | tcp"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(members_and_balancers_that_one_side_has_are_told)
{
    auto other = site({member_json("b2")});
    other["balancers"].push_back(balancer_json("shop", {}));
    BOOST_TEST(differing(site({member_json("b1"), member_json("b2")}), other) ==
                   (Lines{"app/b1: there | ", "shop:  | there"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_order_is_another_configuration)
{
    const auto a = member_json("a"), b = member_json("b");
    BOOST_TEST(differing(site({a, b}), site({b, a})) == Lines{"app/order: a, b | b, a"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_balancers_own_settings_are_compared)
{
    auto other = site({});
    other["balancers"][0]["policy"] = "leastconn";
    other["balancers"][0]["table"]["room"] = 500;
    other["balancers"][0]["host"] = "another:80";
    BOOST_TEST(differing(site({}), other) ==
                   (Lines{"app policy: roundrobin | leastconn", "app table_room: 0 | 500"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
