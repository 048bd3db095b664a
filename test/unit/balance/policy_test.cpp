// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

#include "core/balance/policy.hpp"
#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;

BOOST_AUTO_TEST_SUITE(policy_test)

BOOST_AUTO_TEST_CASE(round_robin_is_in_the_register_and_comes_first)
{
    BOOST_TEST_REQUIRE(!balance::policies().empty());
    BOOST_TEST(balance::policies().front().name == "roundrobin");
}

BOOST_AUTO_TEST_CASE(each_policy_has_a_name_of_its_own_that_finds_it_and_ends_with_a_nul)
{
    std::set<std::string_view> names;
    for (const auto &entry : balance::policies()) {
        BOOST_TEST(balance::find_policy(entry.name) == &entry);
        BOOST_TEST(names.insert(entry.name).second);
        BOOST_TEST(std::string_view(entry.name.data()) == entry.name);
    }
}

BOOST_AUTO_TEST_CASE(a_name_is_compared_whole_and_exactly)
{
    for (const auto *name :
         {"", "roundrobi", "roundrobinx", "RoundRobin", " roundrobin", "byrequests"})
        BOOST_TEST(balance::find_policy(name) == nullptr);
}

BOOST_AUTO_TEST_CASE(each_policy_proposes_places_of_its_list_and_every_one_of_them)
{
    for (const auto &entry : balance::policies()) {
        test::Choosing choosing(entry.name, {1, 5, 2, 1});
        std::set<std::uint32_t> places;
        for (int i = 0; i < 1000; ++i)
            places.insert(choosing.place());
        BOOST_TEST(places == (std::set<std::uint32_t>{0, 1, 2, 3}),
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(one_member_is_proposed_each_time)
{
    for (const auto &entry : balance::policies()) {
        test::Choosing choosing(entry.name, {7});
        for (int i = 0; i < 20; ++i)
            BOOST_TEST(choosing.place() == 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
