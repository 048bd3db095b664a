// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/stick_table/entry.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer::stick_table;

namespace {

constexpr Session kSession{{1, 2}, 3, Origin::kApplication, 4, 5, 6};

struct OneEntry {
    Entry entry{};
    Session out;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(entry_test, OneEntry)

BOOST_AUTO_TEST_CASE(zero_bytes_are_a_free_entry)
{
    BOOST_TEST(read(entry, out) == Reading::kFree);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read)
{
    write(entry, kSession);
    BOOST_TEST_REQUIRE(read(entry, out) == Reading::kWhole);
    BOOST_TEST((out.key == kSession.key));
    BOOST_TEST(out.member == 3U);
    BOOST_TEST((out.origin == Origin::kApplication));
    BOOST_TEST(out.requests == 4U);
    BOOST_TEST(out.learned_us == 5);
    BOOST_TEST(out.used_us == 6);
}

BOOST_AUTO_TEST_CASE(a_cleared_entry_is_free_and_says_which_is_next)
{
    write(entry, kSession);
    clear(entry, 17);
    BOOST_TEST(read(entry, out) == Reading::kFree);
    BOOST_TEST(out.key.low == 17U);
}

BOOST_AUTO_TEST_CASE(a_writer_that_died_inside_leaves_nobody)
{
    write(entry, kSession);
    entry.seq.publish(entry.seq.acquire() + 1);
    BOOST_TEST(read(entry, out) == Reading::kChanging);
    write(entry, kSession);
    BOOST_TEST(read(entry, out) == Reading::kWhole);
}

BOOST_AUTO_TEST_CASE(every_bit_of_what_a_session_is_is_checked)
{
    for (std::size_t bit = 32; bit < 8 * offsetof(Entry, requests); ++bit) {
        write(entry, kSession);
        auto *bytes = reinterpret_cast<unsigned char *>(&entry);
        bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ (1U << (bit % 8)));
        BOOST_TEST_INFO("bit " << bit);
        BOOST_TEST(read(entry, out) != Reading::kWhole);
    }
}

BOOST_AUTO_TEST_CASE(and_every_two)
{
    constexpr std::size_t kEnd = 8 * offsetof(Entry, requests);
    write(entry, kSession);
    const auto flip = [&](std::size_t bit) {
        auto *bytes = reinterpret_cast<unsigned char *>(&entry);
        bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ (1U << (bit % 8)));
    };
    int unseen = 0;
    for (std::size_t one = 32; one < kEnd; ++one)
        for (auto other = one + 1; other < kEnd; ++other) {
            flip(one);
            flip(other);
            unseen += read(entry, out) == Reading::kWhole;
            flip(one);
            flip(other);
        }
    BOOST_TEST(unseen == 0);
}

BOOST_AUTO_TEST_CASE(use_is_no_part_of_the_check)
{
    write(entry, kSession);
    entry.used_us.store(1000);
    entry.requests.fetch_add(1);
    BOOST_TEST(read(entry, out) == Reading::kWhole);
    BOOST_TEST(out.used_us == 1000);
    BOOST_TEST(out.requests == 5U);
}

BOOST_AUTO_TEST_SUITE_END()
