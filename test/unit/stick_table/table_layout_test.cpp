// SPDX-License-Identifier: Apache-2.0
//
// The table's layout as it was released, number by number. Whoever changes a row here changes the
// version and LAYOUT.md too.
#include <boost/test/unit_test.hpp>

#include <cstddef>

#include "core/stick_table/table_layout.hpp"

using namespace stickybalancer::stick_table;

BOOST_AUTO_TEST_SUITE(table_layout_test)

BOOST_AUTO_TEST_CASE(it_is_as_it_was_released)
{
    BOOST_TEST(kLayoutMajor == 1);
    BOOST_TEST(kLayoutMinor == 0);
    BOOST_TEST(sizeof(TableHeader) == 4096U);
    BOOST_TEST(offsetof(HeaderCopy, magic) == 0U);
    BOOST_TEST(offsetof(HeaderCopy, major) == 8U);
    BOOST_TEST(offsetof(HeaderCopy, minor) == 10U);
    BOOST_TEST(offsetof(HeaderCopy, byte_order) == 12U);
    BOOST_TEST(offsetof(HeaderCopy, fingerprint) == 16U);
    BOOST_TEST(offsetof(HeaderCopy, session_count) == 24U);
    BOOST_TEST(offsetof(HeaderCopy, balancer) == 32U);
    BOOST_TEST(offsetof(HeaderCopy, secret) == 48U);
    BOOST_TEST(offsetof(HeaderCopy, check) == 64U);
    BOOST_TEST(offsetof(TableHeader, duties) == 128U);
    BOOST_TEST(sizeof(SharedDuties) == 40U);
    BOOST_TEST(offsetof(SharedDuties, told_us) == 8U);
    BOOST_TEST(offsetof(SharedDuties, told_damaged) == 32U);
    BOOST_TEST(sizeof(ShardHeader) == 128U);
    BOOST_TEST(offsetof(ShardHeader, free_head) == 64U);
    BOOST_TEST(offsetof(ShardHeader, free_count) == 68U);
    BOOST_TEST(offsetof(ShardHeader, used_end) == 72U);
    BOOST_TEST(offsetof(ShardHeader, is_unchecked) == 76U);
    BOOST_TEST(offsetof(ShardHeader, learned) == 80U);
    BOOST_TEST(offsetof(ShardHeader, damaged) == 112U);
    BOOST_TEST(sizeof(Bucket) == 64U);
    BOOST_TEST(sizeof(Entry) == 64U);
    BOOST_TEST(offsetof(Entry, seq) == 0U);
    BOOST_TEST(offsetof(Entry, check) == 4U);
    BOOST_TEST(offsetof(Entry, key_high) == 8U);
    BOOST_TEST(offsetof(Entry, key_low) == 16U);
    BOOST_TEST(offsetof(Entry, member) == 24U);
    BOOST_TEST(offsetof(Entry, learned_us) == 32U);
    BOOST_TEST(offsetof(Entry, origin) == 40U);
    BOOST_TEST(offsetof(Entry, requests) == 44U);
    BOOST_TEST(offsetof(Entry, used_us) == 48U);
}

BOOST_AUTO_TEST_CASE(sections_as_they_were_released)
{
    struct Row {
        std::uint64_t sessions, shards;
        std::uint32_t entries, buckets;
        std::size_t size_bytes;
    };
    for (const auto &row : {Row{16, 1, 17, 3, 9600}, Row{30720, 1, 30721, 2365, 2125824},
                            Row{1'000'000, 25, 40901, 3148, 70489792}}) {
        const Plan plan(row.sessions);
        BOOST_TEST_INFO(row.sessions);
        BOOST_TEST(plan.shard_count == row.shards);
        BOOST_TEST(plan.entries == row.entries);
        BOOST_TEST(plan.buckets == row.buckets);
        BOOST_TEST(plan.size_bytes == row.size_bytes);
    }
}

BOOST_AUTO_TEST_CASE(a_session_takes_at_most_72_bytes)
{
    for (const std::uint64_t sessions :
         {100'000ULL, 1'000'000ULL, 10'000'000ULL, 100'000'000ULL, 1'000'000'000ULL}) {
        const Plan plan(sessions);
        BOOST_TEST_INFO(sessions);
        BOOST_TEST(plan.size_bytes <= 72 * sessions);
        BOOST_TEST(plan.shard_count * (plan.entries - 1) >= sessions);
    }
}

BOOST_AUTO_TEST_SUITE_END()
