// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stick_table;
using test::Table;
using test::TableBytes;

BOOST_AUTO_TEST_SUITE(table_memory_test)

BOOST_AUTO_TEST_CASE(memory_that_will_not_do)
{
    const TableBytes memory(Plan(100).size_bytes);
    const auto format_at = [&](std::size_t offset, std::size_t size, std::uint64_t sessions) {
        return format(memory.bytes.get() + offset, size, sessions, test::kTableOwner, {1, 2});
    };
    BOOST_TEST(format_at(64, memory.size_bytes - 64, 20) == TableFault::kMisaligned);
    BOOST_TEST(format_at(0, memory.size_bytes - 1, 100) == TableFault::kTooSmall);
    BOOST_TEST(format_at(0, memory.size_bytes, 15) == TableFault::kCount);
    BOOST_TEST(format_at(0, memory.size_bytes, kMostSessions + 1) == TableFault::kCount);
    BOOST_TEST(memory.attach().fault == TableFault::kForeign);
    BOOST_TEST(attach(memory.bytes.get(), 100, test::kTableOwner).fault == TableFault::kTooSmall);
}

BOOST_AUTO_TEST_CASE(a_table_is_its_balancers)
{
    const Table table(100);
    BOOST_TEST(table.attach().fault == TableFault::kNone);
    BOOST_TEST(attach(table.bytes.get(), table.size_bytes, {1, 1}).fault == TableFault::kBalancer);
}

BOOST_AUTO_TEST_CASE(one_copy_of_the_head_is_enough)
{
    for (const std::size_t copy : {0U, 1U})
        for (std::size_t byte = 0; byte < offsetof(HeaderCopy, reserved1); ++byte) {
            const Table table(100);
            table.learn(1, 77, 0);
            reinterpret_cast<std::uint8_t *>(&table.head(copy))[byte] ^= 0x10;
            BOOST_TEST_INFO("copy " << copy << " byte " << byte);
            BOOST_TEST_REQUIRE(table.attach().fault == TableFault::kNone);
            BOOST_TEST(table.attach().memory.restart());
            BOOST_TEST(table.member_of(1, 0) == 77U);
            BOOST_TEST(std::memcmp(&table.head(0), &table.head(1), sizeof(HeaderCopy)) == 0);
        }
}

BOOST_AUTO_TEST_CASE(both_copies_damaged_are_said_to_be)
{
    const Table table(100);
    const auto fault_with = [&](auto damage) {
        const HeaderCopy saved = table.head();
        damage(table.head(0));
        damage(table.head(1));
        const auto fault = table.attach().fault;
        table.head(0) = table.head(1) = saved;
        return fault;
    };
    BOOST_TEST(fault_with([](auto &h) { h.magic = 1; }) == TableFault::kForeign);
    BOOST_TEST(fault_with([](auto &h) { h.magic = __builtin_bswap64(h.magic); }) ==
               TableFault::kByteOrder);
    BOOST_TEST(fault_with([](auto &h) { h.major = 9; }) == TableFault::kVersion);
    BOOST_TEST(fault_with([](auto &h) { ++h.fingerprint; }) == TableFault::kFingerprint);
    BOOST_TEST(fault_with([](auto &h) { h.session_count = 50; }) == TableFault::kDamaged);
    BOOST_TEST(fault_with([](auto &) {}) == TableFault::kNone);
}

BOOST_AUTO_TEST_CASE(a_table_that_was_cut_short_says_how_long_it_was)
{
    const Table table(100);
    const auto cut = attach(table.bytes.get(), 2 * kPage, test::kTableOwner);
    BOOST_TEST(cut.fault == TableFault::kTruncated);
    BOOST_TEST(cut.memory.plan().size_bytes == table.size_bytes);
}

BOOST_AUTO_TEST_CASE(a_restart_keeps_sessions_and_makes_locks_afresh)
{
    const Table table(100);
    for (int number = 0; number < 50; ++number)
        table.learn(number, 77, 0);
    // As a process leaves it that was killed with the lock.
    auto &header = table.table().memory().shard(0).header();
    std::memset(static_cast<void *>(&header.lock), 0xAB, sizeof(header.lock));
    BOOST_TEST(table.attach().memory.restart());
    table.table().upkeep(test::kLimits.expire, {0});
    BOOST_TEST(table.count_of(0, 50, 0) == 50);
    BOOST_TEST(table.learn(60, 77, 0) == Learned::kLearned);
    BOOST_TEST(table.check() == "");
}

BOOST_AUTO_TEST_SUITE_END()
