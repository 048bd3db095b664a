// SPDX-License-Identifier: Apache-2.0
//
// What makes room for what, and what repair() finds.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stick_table;
using test::kLimits;
using test::kRefusing;
using test::kSecond;

namespace {

constexpr int kSize = 16;

// A table of one shard, where every session is everybody's neighbour.
struct SmallTable : test::Table {
    SmallTable() : Table(kSize) {}
    ~SmallTable() { BOOST_TEST(check() == ""); }

    Shard shard() const { return table().memory().shard(0); }
    void fill(std::int64_t now_s, Origin origin = Origin::kClient, int first = 0) const
    {
        for (int number = first; number < first + kSize; ++number)
            BOOST_TEST(learn(number, 1, now_s, origin) == Learned::kLearned);
    }
    void use(int first, int end, std::int64_t now_s) const
    {
        for (int number = first; number < end; ++number)
            BOOST_TEST(learn(number, 1, now_s) == Learned::kKnown);
    }
    void repair() const
    {
        shard().restart();
        shard().repair_if_unchecked();
    }
    // Where the index leads to a key.
    base::Published<std::uint32_t> &word_of(int number) const
    {
        const auto found = shard().find(key(number));
        BOOST_TEST_REQUIRE(found.has_value());
        for (std::uint32_t bucket = 0; bucket < shard().bucket_count(); ++bucket)
            for (auto &word : shard().bucket(bucket).words)
                if (const auto entry = shard().entry_of(word.acquire());
                    entry && &shard().entry(*entry) == found->entry)
                    return word;
        throw std::logic_error("no word");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(shard_test, SmallTable)

BOOST_AUTO_TEST_CASE(as_many_sessions_as_it_was_made_for_and_not_one_more)
{
    fill(0);
    BOOST_TEST(count_of(0, kSize, 0) == kSize);
    BOOST_TEST(shard().session_count() == static_cast<std::uint32_t>(kSize));
    BOOST_TEST(learn(100, 1, 1) == Learned::kLearned);
    BOOST_TEST(shard().session_count() == static_cast<std::uint32_t>(kSize));
    BOOST_TEST(table().numbers().evicted == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_nearest_to_its_expiry_makes_room)
{
    for (int number = 0; number < kSize; ++number)
        learn(number, 1, 10 + (number * 7) % kSize);  // number 0 is the oldest
    learn(100, 1, 40);
    BOOST_TEST(member_of(0, 40) == 0U);
    BOOST_TEST(count_of(1, kSize, 40) == kSize - 1);
}

BOOST_AUTO_TEST_CASE(what_has_expired_makes_room_first_and_is_not_counted_as_evicted)
{
    fill(0);
    for (int number = 1; number < kSize; ++number)
        table().keep(key(number), kLimits, {100 * kSecond});
    BOOST_TEST(learn(100, 1, 170) == Learned::kLearned);
    BOOST_TEST(count_of(1, kSize, 170) == kSize - 1);
    BOOST_TEST(table().numbers().evicted == 0U);
    BOOST_TEST(table().numbers().expired == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_table_that_refuses_learns_no_new_session)
{
    fill(0);
    BOOST_TEST(learn(100, 1, 1, Origin::kApplication, kRefusing) == Learned::kNoRoom);
    BOOST_TEST(count_of(0, kSize, 1) == kSize);
    BOOST_TEST(table().numbers().refused == 1U);
    BOOST_TEST(learn(3, 2, 2, Origin::kClient, kRefusing) ==
               Learned::kKnown);  // moves all the same
    BOOST_TEST(member_of(3, 2) == 2U);
    BOOST_TEST(learn(100, 1, 161, Origin::kClient, kRefusing) == Learned::kLearned);
}

BOOST_AUTO_TEST_CASE(made_up_keys_push_out_made_up_keys_only)
{
    fill(0, Origin::kApplication);
    for (int number = 100; number < 1000; ++number)
        BOOST_TEST(learn(number, 2, 150) == Learned::kNoRoom);
    BOOST_TEST(count_of(0, kSize, 150) == kSize);
}

BOOST_AUTO_TEST_CASE(a_clients_session_in_use_stays_too)
{
    fill(0);
    use(0, kSize, 11);  // seen again
    BOOST_TEST(learn(100, 1, 12) == Learned::kNoRoom);
    BOOST_TEST(count_of(0, kSize, 12) == kSize);
    // Not used for half its life: no more.
    BOOST_TEST(learn(100, 1, 92) == Learned::kLearned);
}

BOOST_AUTO_TEST_CASE(of_new_clients_those_that_asked_once_go_first)
{
    fill(0);
    use(0, kSize - 1, 1);
    BOOST_TEST(learn(100, 1, 2) == Learned::kLearned);
    BOOST_TEST(member_of(kSize - 1, 2) == 0U);
    BOOST_TEST(count_of(0, kSize - 1, 2) == kSize - 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_has_just_come_is_in_use_from_its_second_request_on)
{
    fill(0);
    use(0, kSize, 1);
    BOOST_TEST(learn(100, 1, 2) == Learned::kNoRoom);
    BOOST_TEST(count_of(0, kSize, 2) == kSize);
}

BOOST_AUTO_TEST_CASE(and_from_when_it_is_kept_for_a_request_under_way)
{
    fill(0);
    for (int number = 0; number < kSize; ++number)
        BOOST_TEST(table().keep(key(number), kLimits, {kSecond}));
    BOOST_TEST(learn(100, 1, 2) == Learned::kNoRoom);
}

BOOST_AUTO_TEST_CASE(clients_sessions_in_use_go_before_idle_ones_of_the_application)
{
    fill(0, Origin::kApplication);
    table().forget(key(5));
    learn(5, 1, 100);
    use(5, 6, 120);
    BOOST_TEST(learn(100, 1, 150, Origin::kApplication) == Learned::kLearned);
    BOOST_TEST(member_of(5, 150) == 0U);
}

BOOST_AUTO_TEST_CASE(what_the_application_names_takes_anybodys_place)
{
    fill(0, Origin::kApplication);
    use(1, kSize, 11);
    BOOST_TEST(learn(100, 1, 12, Origin::kApplication) == Learned::kLearned);
    BOOST_TEST(member_of(0, 12) == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_that_moves_needs_no_room)
{
    fill(0, Origin::kApplication);
    for (int round = 2; round < 40; ++round)
        for (int number = 0; number < kSize; ++number)
            BOOST_TEST(learn(number, static_cast<std::uint64_t>(round), 1) == Learned::kKnown);
    BOOST_TEST(count_of(0, kSize, 1) == kSize);
    BOOST_TEST(member_of(5, 1) == 39U);
}

BOOST_AUTO_TEST_CASE(a_word_that_was_damaged_is_found_again)
{
    fill(0);
    word_of(3).publish(0);
    word_of(4).publish(0xFFFFFFFF);
    word_of(5).publish(word_of(6).acquire());  // two lead to one
    repair();
    BOOST_TEST(count_of(0, kSize, 0) == kSize);
    BOOST_TEST(check() == "");
}

BOOST_AUTO_TEST_CASE(an_entry_that_was_damaged_is_dropped_and_counted)
{
    fill(0);
    auto *entry = shard().find(key(3))->entry;
    entry->member.publish(99);
    BOOST_TEST(member_of(3, 0) == 0U);
    repair();
    BOOST_TEST(count_of(0, kSize, 0) == kSize - 1);
    BOOST_TEST(table().numbers().damaged == 1U);
    BOOST_TEST(learn(3, 7, 0) == Learned::kLearned);
}

BOOST_AUTO_TEST_CASE(a_damaged_list_of_free_entries_is_made_anew)
{
    fill(0);
    for (int number = 0; number < 5; ++number)
        table().forget(key(number));
    for (const std::uint32_t head : {0U, 1U, 9U, 999U, 0xFFFFFFFFU}) {
        shard().header().free_head.store(head);
        BOOST_TEST(learn(200, 1, 1) != Learned::kBroken);
        repair();
        BOOST_TEST(check() == "");
        BOOST_TEST(count_of(5, kSize, 1) == kSize - 5);
        table().forget(key(200));
    }
    for (const std::uint32_t count : {0U, 1U, 99U, 0xFFFFFFFFU}) {
        shard().header().free_count.store(count);
        learn(200, 1, 1);
        repair();
        BOOST_TEST(check() == "");
        table().forget(key(200));
    }
    for (const std::uint32_t end : {0U, 5U, 99U, 0xFFFFFFFFU}) {
        shard().header().used_end.store(end);
        repair();
        BOOST_TEST(check() == "");
        BOOST_TEST(count_of(5, kSize, 1) == kSize - 5);
    }
}

BOOST_AUTO_TEST_CASE(who_was_killed_while_forgetting_does_not_bring_the_session_back)
{
    fill(0);
    clear(*shard().find(key(3))->entry, 0);
    repair();
    BOOST_TEST(member_of(3, 0) == 0U);
    BOOST_TEST(count_of(0, kSize, 0) == kSize - 1);
    BOOST_TEST(check() == "");
}

BOOST_AUTO_TEST_CASE(looking_up_and_using_allocate_nothing)
{
    fill(0);
    const auto before = test::allocation_count();
    const auto its_table = table();
    const auto its_key = its_table.key_of(0, "key 3");
    for (int i = 0; i < 1000; ++i)
        its_table.learn(its_key, 1, Origin::kClient, kLimits, {i});
    its_table.find(its_key, kLimits.expire, {0});
    its_table.forget(its_key);
    BOOST_TEST(test::allocation_count() == before);
}

BOOST_AUTO_TEST_SUITE_END()
