// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "core/members/member_table.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/members.hpp"

using namespace stickybalancer;
using members::kNoMember;
using members::MemberTable;

namespace {

MemberTable table_of(const std::vector<std::string> &routes)
{
    std::vector<members::Member> all;
    for (const auto &route : routes)
        all.push_back({.handle = all.size() + 1, .route = route, .redirect = {}, .live = {}});
    return {std::move(all), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(member_table_test)

BOOST_AUTO_TEST_CASE(members_keep_the_order_of_the_configuration_and_what_was_said_of_them)
{
    test::Members members;
    members.add("a", {.weight = 3, .set = 1, .redirect = "b"})
        .add("b", {.weight = 0, .route = "r-b"});
    const auto table = members.table();
    BOOST_TEST_REQUIRE(table.all().size() == 2u);
    BOOST_TEST(table[0].handle == test::handle_of("a"));
    BOOST_TEST(table[0].route == "a");
    BOOST_TEST(table[0].redirect == "b");
    BOOST_TEST(table[0].weight == 3u);
    BOOST_TEST(table[0].set == 1u);
    BOOST_TEST(table[1].route == "r-b");
    BOOST_TEST(table[1].weight == 0u);
    BOOST_TEST(table.bits().drain == test::kBits.drain);
}

BOOST_AUTO_TEST_CASE(a_route_finds_its_member_and_only_a_whole_one_does)
{
    const auto table = table_of({"a", "ab", "abc"});
    BOOST_TEST(table.first_with_route("a") == 0u);
    BOOST_TEST(table.first_with_route("ab") == 1u);
    BOOST_TEST(table.first_with_route("abc") == 2u);
    for (const auto *none : {"b", "abcd", "A", " a", "a "})
        BOOST_TEST(table.first_with_route(none) == kNoMember);
}

BOOST_AUTO_TEST_CASE(members_of_one_route_follow_each_other_in_order)
{
    const auto table = table_of({"a", "b", "a", "c", "a", "b"});
    BOOST_TEST(table.first_with_route("a") == 0u);
    BOOST_TEST(table.next_with_same_route(0) == 2u);
    BOOST_TEST(table.next_with_same_route(2) == 4u);
    BOOST_TEST(table.next_with_same_route(4) == kNoMember);
    BOOST_TEST(table.next_with_same_route(1) == 5u);
    BOOST_TEST(table.next_with_same_route(3) == kNoMember);
}

BOOST_AUTO_TEST_CASE(members_of_one_route_are_numbered_from_1)
{
    const auto table = table_of({"a", "b", "a", "a"});
    BOOST_TEST(table.number_of_route(0) == 1u);
    BOOST_TEST(table.number_of_route(1) == 1u);
    BOOST_TEST(table.number_of_route(2) == 2u);
    BOOST_TEST(table.number_of_route(3) == 3u);
}

BOOST_AUTO_TEST_CASE(members_without_a_route_cannot_be_asked_for_and_have_nothing_in_common)
{
    const auto table = table_of({"", "a", ""});
    BOOST_TEST(table.first_with_route("") == kNoMember);
    BOOST_TEST(table.next_with_same_route(0) == kNoMember);
    BOOST_TEST(table.number_of_route(2) == 1u);
    BOOST_TEST(table.first_with_route("a") == 1u);
}

BOOST_AUTO_TEST_CASE(a_table_without_members_or_without_routes_knows_no_route)
{
    BOOST_TEST(table_of({}).all().empty());
    BOOST_TEST(table_of({}).first_with_route("a") == kNoMember);
    BOOST_TEST(table_of({}).first_with_route("") == kNoMember);
    BOOST_TEST(table_of({"", ""}).first_with_route("a") == kNoMember);
}

BOOST_AUTO_TEST_CASE(a_route_may_be_any_bytes)
{
    using namespace std::string_literals;
    const auto table = table_of({"a\0b"s, "a\0c"s, "a"s, "\xFF\xFE"s, std::string(1000, 'x')});
    BOOST_TEST(table.first_with_route(test::Exact("a\0b"s)) == 0u);
    BOOST_TEST(table.first_with_route(test::Exact("a\0c"s)) == 1u);
    BOOST_TEST(table.first_with_route(test::Exact("a"s)) == 2u);
    BOOST_TEST(table.first_with_route(test::Exact("\xFF\xFE"s)) == 3u);
    BOOST_TEST(table.first_with_route(test::Exact(std::string(1000, 'x'))) == 4u);
    BOOST_TEST(table.first_with_route(test::Exact(std::string(999, 'x'))) == kNoMember);
}

// Cookies hold it: it stays the same for ever.
BOOST_AUTO_TEST_CASE(the_digest_of_a_route_is_that_of_its_inventors)
{
    using namespace std::string_view_literals;
    BOOST_TEST(members::route_digest("") == 0xCBF29CE484222325U);
    BOOST_TEST(members::route_digest("a") == 0xAF63DC4C8601EC8CU);
    BOOST_TEST(members::route_digest("foobar") == 0x85944171F73967E8U);
    BOOST_TEST(members::route_digest("\xFF") == 0xAF64724C8602EB6EU);
    BOOST_TEST(members::route_digest("a\0"sv) != members::route_digest("a"));
}

BOOST_AUTO_TEST_CASE(a_digest_finds_the_first_member_with_its_route)
{
    using members::route_digest;
    const auto table = table_of({"", "a", "b", "a"});
    BOOST_TEST(table.first_with_digest(route_digest("a")) == 1u);
    BOOST_TEST(table.first_with_digest(route_digest("b")) == 2u);
    for (const auto none : {route_digest("c"), route_digest(""), std::uint64_t{0},
                            route_digest("a") ^ 1, ~route_digest("a")})
        BOOST_TEST(table.first_with_digest(none) == kNoMember);
    BOOST_TEST(table_of({}).first_with_digest(0) == kNoMember);
    BOOST_TEST(table_of({"", ""}).first_with_digest(0) == kNoMember);
}

BOOST_AUTO_TEST_CASE(every_route_of_many_is_found_and_no_other)
{
    for (const std::size_t count : {1u, 2u, 3u, 63u, 64u, 65u, 1000u}) {
        std::vector<std::string> routes;
        for (std::size_t i = 0; i < count; ++i)
            routes.push_back("r" + std::to_string(i));
        const auto table = table_of(routes);
        for (std::size_t i = 0; i < count; ++i)
            BOOST_TEST_REQUIRE(table.first_with_route(routes[i]) == i);
        for (std::size_t i = 0; i < count; ++i)
            BOOST_TEST_REQUIRE(table.first_with_digest(members::route_digest(routes[i])) == i);
        for (std::size_t i = count; i < count + 1000; ++i)
            BOOST_TEST_REQUIRE(table.first_with_route("r" + std::to_string(i)) == kNoMember);
    }
}

BOOST_AUTO_TEST_SUITE_END()
