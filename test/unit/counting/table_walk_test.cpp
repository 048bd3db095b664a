// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/counting/table_walk.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using counting::TableWalk;
using stick_table::Origin;

namespace {

constexpr std::uint64_t kA = 100, kB = 200, kStranger = 300;
constexpr std::uint32_t kNowhere = 0xFFFFFFFF;
constexpr base::TimeUs kNow{1000 * kSecond};

std::uint32_t place_of(std::uint64_t identity)
{
    return identity == kA ? 0U : identity == kB ? 3U : kNowhere;
}

void learn_into(const stick_table::StickTable &table, int number, std::uint64_t member,
                base::TimeUs now)
{
    const auto key = table.key_of(0, std::to_string(number));
    BOOST_TEST_REQUIRE((table.learn(key, member, Origin::kClient, kLimits, now) ==
                        stick_table::Learned::kLearned));
}

struct Walked {
    Table memory{1000};
    stick_table::StickTable table = memory.table();
    void learn(int number, std::uint64_t member, base::TimeUs now = kNow) const
    {
        learn_into(table, number, member, now);
    }
    TableWalk walk(base::TimeUs now = kNow) const
    {
        return {stick_table::TablePair(table), kLimits.expire, now, 5, place_of};
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_walk_test, Walked)

BOOST_AUTO_TEST_CASE(each_member_has_exactly_its_own_sessions)
{
    for (int i = 0; i < 37; ++i)
        learn(i, kA);
    for (int i = 100; i < 105; ++i)
        learn(i, kB);
    learn(200, kStranger);
    const auto found = walk();
    BOOST_TEST(found.at(0).count == 37u);
    BOOST_TEST(found.at(3).count == 5u);
    BOOST_TEST(found.at(1).count == 0u);
    BOOST_TEST(found.at(0).last_used_us == kNow.us);
    BOOST_TEST(found.at(1).last_used_us == 0);
}

BOOST_AUTO_TEST_CASE(who_has_expired_is_not_counted_and_the_last_to_expire_is_told)
{
    learn(1, kA);
    learn(2, kA, {kNow.us + 100 * kSecond});
    BOOST_TEST(walk({kNow.us + 160 * kSecond}).at(0).count == 2u);
    const auto later = walk({kNow.us + 160 * kSecond + 1});
    BOOST_TEST(later.at(0).count == 1u);
    BOOST_TEST(later.at(0).last_used_us == kNow.us + 100 * kSecond);
}

BOOST_AUTO_TEST_CASE(who_is_in_the_table_of_before_is_counted_once)
{
    const Table memory_of_before{50};
    const auto earlier = memory_of_before.table();
    table = stick_table::StickTable(table.memory().with_secret(earlier.memory().secret()));
    learn_into(earlier, 1, kA, kNow);
    learn_into(earlier, 2, kA, kNow);
    learn(2, kB);  // moved since
    learn(3, kB);
    const TableWalk found(stick_table::TablePair(table, &earlier), kLimits.expire, kNow, 5,
                          place_of);
    BOOST_TEST(found.at(0).count == 1u);
    BOOST_TEST(found.at(3).count == 2u);
}

// 20 times what it has cost: some 30 ns for a session.
BOOST_AUTO_TEST_CASE(it_is_remembered_the_longer_the_more_there_was_to_look_at)
{
    const auto few = walk();
    for (int i = 0; i < 1000; ++i)
        learn(i, kA);
    const auto many = walk();
    BOOST_TEST(few.is_fresh(kNow));
    BOOST_TEST(many.is_fresh({kNow.us + 600}));
    BOOST_TEST(!few.is_fresh({kNow.us + 600}));
    BOOST_TEST(!many.is_fresh({kNow.us + 2000}));
    BOOST_TEST(!many.is_fresh({kNow.us - 1}));  // the clock was set back
}

BOOST_AUTO_TEST_SUITE_END()
