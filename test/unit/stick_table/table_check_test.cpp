// SPDX-License-Identifier: Apache-2.0
//
// What is broken is seen: a check that finds nothing would prove nothing.
#include <boost/test/unit_test.hpp>

#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stick_table;

namespace {

struct TenSessions : test::Table {
    TenSessions() : Table(100)
    {
        for (int number = 0; number < 12; ++number)
            learn(number, 1, 0);
        table().forget(key(10));
        table().forget(key(11));
        BOOST_TEST_REQUIRE(check() == "");
    }
    Shard shard() const { return table().memory().shard(0); }
    base::Published<std::uint32_t> &some_word() const
    {
        for (std::uint32_t bucket = 0; bucket < shard().bucket_count(); ++bucket)
            for (auto &word : shard().bucket(bucket).words)
                if (word.acquire() != 0)
                    return word;
        throw std::logic_error("no word");
    }
    bool says(const std::string &text) const
    {
        BOOST_TEST_INFO(check());
        return check().find(text) != std::string::npos;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_check_test, TenSessions)

BOOST_AUTO_TEST_CASE(words)
{
    auto &word = some_word();
    const auto good = word.acquire();
    word.publish(good | 0xFFFF);
    BOOST_TEST(says("leads to no entry"));
    word.publish(good ^ 0x10000);
    BOOST_TEST(says("leads to another key"));
    word.publish(0);
    BOOST_TEST(says("neither free nor found"));
    word.publish(good);
    BOOST_TEST(check() == "");
}

BOOST_AUTO_TEST_CASE(two_words_for_one_entry)
{
    for (auto &word : shard().bucket(0).words)
        if (word.acquire() == 0) {
            word.publish(some_word().acquire());
            break;
        }
    BOOST_TEST(says("two words lead to one entry"));
}

BOOST_AUTO_TEST_CASE(entries)
{
    auto &entry = *shard().find(key(3))->entry;
    entry.member.publish(9);
    BOOST_TEST(says("not whole"));
    entry.member.publish(1);
    entry.seq.publish(entry.seq.acquire() + 1);
    BOOST_TEST(says("not whole"));
}

BOOST_AUTO_TEST_CASE(the_list_of_free_entries)
{
    auto &header = shard().header();
    const auto head = header.free_head.load();
    header.free_head.store(1);
    BOOST_TEST(says("leads astray"));
    header.free_head.store(0);
    BOOST_TEST(says("not as many"));
    header.free_head.store(head);
    header.free_count.fetch_add(1);
    BOOST_TEST(says("not as many"));
}

BOOST_AUTO_TEST_SUITE_END()
