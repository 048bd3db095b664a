// SPDX-License-Identifier: Apache-2.0
//
// A table and the one that it was made from: sessions 1 to 3 were carried over, 4 was learned in the earlier one
// afterwards, by a process that knows no other.
#include <boost/test/unit_test.hpp>

#include "core/stick_table/table_pair.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stick_table;
using test::kLimits;
using test::kSecond;

namespace {

constexpr base::TimeUs kNow{100 * kSecond};

struct TwoTables {
    test::Table earlier_memory{100}, memory{200};
    StickTable earlier = earlier_memory.table(), table = memory.table();
    TablePair pair{table, &earlier};

    TwoTables()
    {
        for (int number = 1; number <= 3; ++number)
            earlier_memory.learn(number, 77, 90);
        carry_over(earlier, table, kLimits.expire, {95 * kSecond});
        earlier_memory.learn(4, 78, 99, Origin::kApplication);
    }
    Key key(int number) const { return earlier_memory.key(number); }
    std::uint64_t member_of(int number) const
    {
        const auto found = pair.find(key(number), kLimits.expire, kNow);
        return found ? found->member : 0;
    }
    bool is_in_new_table(int number) const
    {
        return table.find(key(number), kLimits.expire, kNow).has_value();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_pair_test, TwoTables)

BOOST_AUTO_TEST_CASE(without_a_table_nothing_is_known)
{
    const TablePair none;
    BOOST_TEST(!none.is_there());
    BOOST_TEST(!none.find(key(1), kLimits.expire, kNow));
    BOOST_TEST(!none.keep(key(1), kLimits, kNow));
    BOOST_TEST(!none.forget(key(1)));
}

BOOST_AUTO_TEST_CASE(what_only_the_earlier_one_knows_is_found_and_goes_over_when_it_is_used)
{
    BOOST_TEST(member_of(1) == 77U);
    BOOST_TEST(member_of(4) == 78U);
    BOOST_TEST(member_of(5) == 0U);
    BOOST_TEST(!is_in_new_table(4));
    BOOST_TEST(pair.note_use(key(4), 78, kLimits, kNow));
    BOOST_TEST(is_in_new_table(4));
    BOOST_TEST((table.find(key(4), kLimits.expire, kNow)->origin == Origin::kApplication));
    BOOST_TEST(!pair.note_use(key(5), 78, kLimits, kNow));
}

BOOST_AUTO_TEST_CASE(it_moves_here_whatever_the_earlier_one_says)
{
    BOOST_TEST(pair.learn(key(4), 79, Origin::kClient, kLimits, kNow) == Learned::kKnown);
    BOOST_TEST(member_of(4) == 79U);
}

BOOST_AUTO_TEST_CASE(both_are_kept_and_forgotten)
{
    BOOST_TEST(pair.keep(key(4), kLimits, {240 * kSecond}));
    BOOST_TEST(pair.find(key(4), kLimits.expire, {390 * kSecond}).has_value());
    BOOST_TEST(pair.forget(key(4)));
    BOOST_TEST(pair.forget(key(1)));
    BOOST_TEST(member_of(4) == 0U);
    BOOST_TEST(member_of(1) == 0U);
    BOOST_TEST(!pair.forget(key(1)));
}

BOOST_AUTO_TEST_SUITE_END()
