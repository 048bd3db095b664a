// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "core/base/relaxed.hpp"

using stickybalancer::base::Published;
using stickybalancer::base::Relaxed;

BOOST_AUTO_TEST_SUITE(relaxed_test)

BOOST_AUTO_TEST_CASE(both_have_the_size_of_what_they_hold_and_start_as_zero_bytes)
{
    static_assert(sizeof(Relaxed<std::uint64_t>) == 8 && sizeof(Published<std::uint64_t>) == 8);
    static_assert(sizeof(Relaxed<std::uint32_t>) == 4 && sizeof(Published<std::uint32_t>) == 4);
    alignas(8) unsigned char zeroes[8] = {};
    BOOST_TEST(reinterpret_cast<Relaxed<std::uint64_t> *>(zeroes)->load() == 0u);
    const Relaxed<std::uint64_t> fresh{};
    BOOST_TEST(std::memcmp(&fresh, zeroes, sizeof(zeroes)) == 0);
}

BOOST_AUTO_TEST_CASE(fetch_add_and_publish_add_answer_what_was_there_before)
{
    Relaxed<std::uint64_t> counter{};
    counter.store(5);
    BOOST_TEST(counter.fetch_add(3) == 5u);
    BOOST_TEST(counter.load() == 8u);
    Published<std::uint64_t> generation{};
    generation.publish(5);
    BOOST_TEST(generation.publish_add(3) == 5u);
    BOOST_TEST(generation.acquire() == 8u);
}

BOOST_AUTO_TEST_CASE(a_value_is_exchanged_where_it_is_the_expected_one)
{
    Relaxed<std::uint64_t> word{};
    word.store(5);
    std::uint64_t expected = 4;
    BOOST_TEST(!word.compare_exchange(expected, 9));
    BOOST_TEST(expected == 5u);
    BOOST_TEST(word.compare_exchange(expected, 9));
    BOOST_TEST(word.ordered_exchange(7) == 9u);
    BOOST_TEST(word.ordered_fetch_add(2) == 7u);
    BOOST_TEST(word.ordered_load() == 9u);
}

// Dekker's question: of two that write and then look at the other's word, one sees what was written.
BOOST_AUTO_TEST_CASE(of_two_who_write_in_order_and_look_one_sees_the_other)
{
    constexpr std::uint64_t kRounds = 2000;
    Relaxed<std::uint64_t> words[2]{}, arrived{};
    std::vector<std::uint64_t> seen[2];
    const auto write_and_look = [&](int who) {
        for (std::uint64_t round = 1; round <= kRounds; ++round) {
            arrived.ordered_fetch_add(1);
            while (arrived.ordered_load() < 2 * round)
                std::this_thread::yield();
            words[who].ordered_exchange(round);
            seen[who].push_back(words[1 - who].ordered_load());
        }
    };
    std::thread other(write_and_look, 1);
    write_and_look(0);
    other.join();
    int seen_by_neither = 0;
    for (std::uint64_t round = 1; round <= kRounds; ++round)
        seen_by_neither += seen[0][round - 1] < round && seen[1][round - 1] < round;
    BOOST_TEST(seen_by_neither == 0);
}

BOOST_AUTO_TEST_CASE(additions_of_two_threads_are_all_counted)
{
    Relaxed<std::uint64_t> counter{};
    const auto add = [&counter] {
        for (int i = 0; i < 100'000; ++i)
            counter.fetch_add(1);
    };
    std::thread other(add);
    add();
    other.join();
    BOOST_TEST(counter.load() == 200'000u);
}

BOOST_AUTO_TEST_CASE(what_was_written_before_publish_is_seen_after_acquire)
{
    std::uint64_t written =
        0;  // no atomic: the thread sanitizer sees it when the order is too weak
    Published<std::uint32_t> ready{};
    std::thread writer([&] {
        written = 42;
        ready.publish(1);
    });
    while (ready.acquire() == 0)
        std::this_thread::yield();
    BOOST_TEST(written == 42u);
    writer.join();
}

BOOST_AUTO_TEST_SUITE_END()
