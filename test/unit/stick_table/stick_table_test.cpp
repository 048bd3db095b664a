// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stick_table;
using test::kLimits;
using test::kSecond;

namespace {

struct Large : test::Table {
    static constexpr int kSessions = 100'000;  // three shards
    Large() : Table(kSessions) {}
};

std::int64_t used_s(const test::Table &table, int number, std::int64_t now_s)
{
    return table.table().find(table.key(number), kLimits.expire, {now_s * kSecond})->used_us /
           kSecond;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stick_table_test)

BOOST_AUTO_TEST_CASE(a_session_is_found_at_its_member_and_others_are_not)
{
    const test::Table table(100);
    BOOST_TEST(table.member_of(1, 0) == 0U);
    BOOST_TEST(table.learn(1, 77, 0) == Learned::kLearned);
    BOOST_TEST(table.member_of(1, 0) == 77U);
    BOOST_TEST(table.member_of(2, 0) == 0U);
    BOOST_TEST(table.learn(1, 77, 0) == Learned::kKnown);
    BOOST_TEST(table.table().numbers().learned == 1U);
}

BOOST_AUTO_TEST_CASE(it_moves_with_its_client)
{
    const test::Table table(100);
    table.learn(1, 77, 0, Origin::kApplication);
    BOOST_TEST(table.learn(1, 78, 1) == Learned::kKnown);
    BOOST_TEST(table.member_of(1, 1) == 78U);
    const auto found = table.table().find(table.key(1), kLimits.expire, {kSecond});
    BOOST_TEST((found->origin == Origin::kApplication));
    BOOST_TEST(found->requests == 2U);
    BOOST_TEST(found->learned_us == 0);
}

BOOST_AUTO_TEST_CASE(it_expires_when_it_was_not_used)
{
    const test::Table table(100);
    table.learn(1, 77, 0);
    BOOST_TEST(table.member_of(1, 160) == 77U);
    BOOST_TEST(table.member_of(1, 161) == 0U);
    // What is learned then is another session.
    table.learn(1, 78, 161);
    BOOST_TEST(table.table().find(table.key(1), kLimits.expire, {161 * kSecond})->requests == 1U);
}

BOOST_AUTO_TEST_CASE(use_begins_its_life_anew_and_is_written_down_once_in_a_sixteenth)
{
    const test::Table table(100);
    table.learn(1, 77, 0);
    table.learn(1, 77, 10);
    BOOST_TEST(used_s(table, 1, 10) == 0);
    table.learn(1, 77, 11);
    BOOST_TEST(used_s(table, 1, 11) == 11);
    BOOST_TEST(table.table().keep(table.key(1), kLimits, {150 * kSecond}));
    BOOST_TEST(table.member_of(1, 310) == 77U);
    BOOST_TEST(!table.table().keep(table.key(1), kLimits, {311 * kSecond}));
    BOOST_TEST(!table.table().keep(table.key(2), kLimits, {0}));
}

BOOST_AUTO_TEST_CASE(requests_are_counted)
{
    const test::Table table(100);
    for (int i = 0; i < 50; ++i)
        table.learn(1, 77, i);
    BOOST_TEST(table.table().find(table.key(1), kLimits.expire, {50 * kSecond})->requests == 50U);
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_is_gone)
{
    const test::Table table(100);
    table.learn(1, 77, 0);
    BOOST_TEST(table.table().forget(table.key(1)));
    BOOST_TEST(!table.table().forget(table.key(1)));
    BOOST_TEST(table.member_of(1, 0) == 0U);
    BOOST_TEST(table.table().numbers().sessions == 0U);
    BOOST_TEST(table.check() == "");
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_forgets_nobody)
{
    const test::Table table(100);
    table.learn(1, 77, 1'000'000);
    BOOST_TEST(table.member_of(1, 1000) == 77U);
    table.learn(1, 77, 1000);
    BOOST_TEST(used_s(table, 1, 1000) == 1000);
}

BOOST_AUTO_TEST_CASE(upkeep_takes_what_has_expired_within_sixty_calls)
{
    const Large table;
    for (int number = 0; number < 20'000; ++number)
        table.learn(number, 1, 0);
    for (int number = 20'000; number < 20'100; ++number)
        table.learn(number, 1, 100);
    for (int call = 0; call < 60; ++call)
        table.table().upkeep(kLimits.expire, {161 * kSecond});
    const auto numbers = table.table().numbers();
    BOOST_TEST(numbers.sessions == 100U);
    BOOST_TEST(numbers.expired == 20'000U);
    BOOST_TEST(table.count_of(20'000, 20'100, 161) == 100);
    BOOST_TEST(table.check() == "");
}

BOOST_AUTO_TEST_CASE(upkeep_puts_right_a_time_far_ahead)
{
    const test::Table table(100);
    table.learn(1, 77, 1'000'000);
    table.table().upkeep(kLimits.expire, {1000 * kSecond});
    BOOST_TEST(used_s(table, 1, 1000) == 1000);
}

BOOST_AUTO_TEST_CASE(losses_are_told_to_one_of_all_processes_and_not_too_often)
{
    constexpr base::DurationUs kMinute{60 * kSecond};
    const test::Table memory(16);
    const auto table = memory.table(), of_another_process = memory.table();
    const auto lose = [&](int first, std::int64_t now_s) {
        for (int number = first; number < first + 20; ++number)
            memory.learn(number, 1, now_s);
    };
    BOOST_TEST(!table.losses_to_tell(kMinute, {1000 * kSecond}));
    lose(0, 1000);
    const auto told = table.losses_to_tell(kMinute, {1001 * kSecond});
    BOOST_TEST_REQUIRE(told.has_value());
    BOOST_TEST(told->evicted == 4U);
    BOOST_TEST(!of_another_process.losses_to_tell(kMinute, {1001 * kSecond}));
    lose(20, 1002);
    BOOST_TEST(!of_another_process.losses_to_tell(kMinute, {1060 * kSecond}));
    const auto more = of_another_process.losses_to_tell(kMinute, {1061 * kSecond});
    BOOST_TEST_REQUIRE(more.has_value());
    BOOST_TEST(more->evicted == 20U);
    BOOST_TEST(!table.losses_to_tell(kMinute, {2000 * kSecond}));
}

BOOST_AUTO_TEST_CASE(all_that_it_was_made_for_find_room)
{
    const Large table;
    for (int number = 0; number < Large::kSessions; ++number)
        table.learn(number, static_cast<std::uint64_t>(number) + 1, 0);
    BOOST_TEST(table.count_of(0, Large::kSessions, 0) == Large::kSessions);
    const auto numbers = table.table().numbers();
    BOOST_TEST(numbers.sessions == static_cast<std::uint64_t>(Large::kSessions));
    BOOST_TEST(numbers.evicted == 0U);
    BOOST_TEST(table.member_of(4711, 0) == 4712U);
    BOOST_TEST(table.check() == "");
}

BOOST_AUTO_TEST_CASE(a_flood_of_made_up_keys_leaves_the_sessions_of_the_application)
{
    const Large table;
    for (int number = 0; number < 60'000; ++number)
        table.learn(number, 1, 0, Origin::kApplication);
    for (int number = 1'000'000; number < 1'300'000; ++number)
        table.learn(number, 2, 100);
    BOOST_TEST(table.count_of(0, 60'000, 100) == 60'000);
    BOOST_TEST(table.check() == "");
}

BOOST_AUTO_TEST_CASE(another_size_takes_all_sessions_over)
{
    const Large table;
    const test::Table larger(250'000), smaller(1000);
    for (int number = 0; number < 5000; ++number)
        table.learn(number, 1, number < 4000 ? 100 : 0, Origin::kApplication);
    auto into = larger.table();
    const auto carried = carry_over(table.table(), into, kLimits.expire, {200 * kSecond});
    BOOST_TEST(carried.moved == 4000U);
    BOOST_TEST(carried.left_out == 0U);
    BOOST_TEST(larger.count_of(0, 5000, 200) == 4000);
    BOOST_TEST(larger.check() == "");
    BOOST_TEST((larger.table().find(larger.key(1), kLimits.expire, {200 * kSecond})->origin ==
                Origin::kApplication));
    auto into_smaller = smaller.table();
    const auto fewer = carry_over(table.table(), into_smaller, kLimits.expire, {200 * kSecond});
    BOOST_TEST(fewer.moved == 1000U);
    BOOST_TEST(fewer.left_out == 3000U);
    BOOST_TEST(smaller.count_of(0, 5000, 200) == 1000);
    BOOST_TEST(smaller.check() == "");
}

BOOST_AUTO_TEST_SUITE_END()
