// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <boost/test/data/test_case.hpp>

#include "core/overrides/merge.hpp"

using namespace stickybalancer;
using namespace stickybalancer::overrides;

namespace {

shm::MemberConfig config(std::uint32_t weight = 100, std::uint32_t state_bits = 0,
                         const char *route = "a")
{
    shm::MemberConfig result{};
    result.weight_hundredths = weight;
    result.state_bits = state_bits;
    result.route.assign(route);
    return result;
}

struct Case {
    std::uint32_t before, now, in_force, merged, kept, overridden;
};
std::ostream &operator<<(std::ostream &out, const Case &row)
{
    return out << row.before << " to " << row.now << ", in force " << row.in_force;
}

constexpr Case kWeights[] = {
    {1, 1, 1, 1, 0, 0},       {1, 1, 5, 5, kWeight, 0}, {1, 2, 1, 2, 0, 0},
    {1, 2, 5, 2, 0, kWeight}, {1, 5, 5, 5, 0, 0},  // an operator's value was written down
    {1, 0, 5, 0, 0, kWeight}, {0, 0, 0, 0, 0, 0},
};

// Bits: 1 drain, 2 stopped, 4 standby.
constexpr Case kStates[] = {
    {0, 0, 1, 1, kState, 0}, {0, 4, 1, 5, kState, 0},  // one by each of the two
    {4, 0, 5, 1, kState, 0}, {0, 1, 1, 1, 0, 0},      {1, 0, 1, 0, 0, 0},
    {1, 1, 0, 0, kState, 0},  // an operator lets a member in that is configured to drain
    {2, 0, 0, 0, 0, 0},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(merge_test)

BOOST_DATA_TEST_CASE(a_changed_configuration_wins_and_else_the_operator_does,
                     boost::unit_test::data::make(kWeights), row)
{
    const auto result = merge(config(row.before), config(row.now), config(row.in_force));
    BOOST_TEST(result.merged.weight_hundredths == row.merged);
    BOOST_TEST(result.kept == row.kept);
    BOOST_TEST(result.overridden == row.overridden);
}

BOOST_DATA_TEST_CASE(each_bit_of_the_state_is_merged_by_itself,
                     boost::unit_test::data::make(kStates), row)
{
    const auto result =
        merge(config(100, row.before), config(100, row.now), config(100, row.in_force));
    BOOST_TEST(result.merged.state_bits == row.merged);
    BOOST_TEST(result.kept == row.kept);
    BOOST_TEST(result.overridden == 0u);
}

BOOST_AUTO_TEST_CASE(it_says_which_bits_are_the_operators)
{
    BOOST_TEST(merge(config(1, 0b0001), config(1, 0b1001), config(1, 0b0110)).kept_state_bits ==
               0b0111u);
}

BOOST_AUTO_TEST_CASE(every_field_is_merged_and_reported_by_itself)
{
    const auto before = config(1, 0, "a");
    auto now = before, in_force = before;
    now.set = 3;
    now.redirect.assign("c");
    in_force.set = 4;
    in_force.route.assign("b");
    in_force.weight_hundredths = 7;
    const auto result = merge(before, now, in_force);
    BOOST_TEST(result.merged.set == 3u);
    BOOST_TEST(result.merged.redirect.view() == "c");
    BOOST_TEST(result.merged.route.view() == "b");
    BOOST_TEST(result.merged.weight_hundredths == 7u);
    BOOST_TEST(result.kept == (kRoute | kWeight));
    BOOST_TEST(result.overridden == kSet);
}

BOOST_AUTO_TEST_CASE(a_redirect_of_an_operator_is_kept_or_overridden)
{
    const auto before = config();
    auto in_force = before, now = before;
    in_force.redirect.assign("b");
    BOOST_TEST(merge(before, before, in_force).kept == kRedirect);
    now.redirect.assign("c");
    BOOST_TEST(merge(before, now, in_force).overridden == kRedirect);
    BOOST_TEST(merge(before, now, in_force).merged.redirect.view() == "c");
}

BOOST_AUTO_TEST_CASE(what_was_merged_stays_as_it_is_when_nothing_changes)
{
    const auto first = merge(config(1, 1), config(2, 4), config(5, 3));
    const auto second = merge(config(2, 4), config(2, 4), first.merged);
    BOOST_TEST(second.merged.weight_hundredths == first.merged.weight_hundredths);
    BOOST_TEST(second.merged.state_bits == first.merged.state_bits);
}

BOOST_AUTO_TEST_SUITE_END()
