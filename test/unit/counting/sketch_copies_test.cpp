// SPDX-License-Identifier: Apache-2.0
//
// Sketches of more than one member: they go to other blocks with their members, and take turns when they are swept.
#include <boost/test/unit_test.hpp>

#include "test/unit/support/clients.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using counting::Sketch;

namespace {

// Blocks of as many columns as these places have.
struct TwoBlocks : Memory {
    shm::Region region;
    shm::Block wide, narrow;

    TwoBlocks()
        : Memory(shm::region_bytes(kGeometry) + shm::block_bytes(5, kGeometry) +
                 shm::block_bytes(1000, kGeometry))
    {
        BOOST_TEST_REQUIRE(shm::format(bytes.get(), size_bytes, kGeometry, {3, 5}) ==
                           shm::RegionFault::kNone);
        region = attach().region;
        const shm::RegionLock lock(region);
        BOOST_TEST_REQUIRE(region.claim_block(lock, {1, 1}, 5, wide));
        BOOST_TEST_REQUIRE(region.claim_block(lock, {2, 2}, 1000, narrow));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sketch_copies_test, TwoBlocks)

BOOST_AUTO_TEST_CASE(a_copy_counts_the_same_clients)
{
    const Sketch sketch(wide, 0), copy(wide, 1);
    sketch.count_for(kLifetime, kBegin);
    for (std::uint64_t i = 0; i < 5000; ++i)
        sketch.note(digest_of(1, i), kBegin);
    sketch.sweep(kBegin);
    counting::copy_sketch(wide, 0, wide, 1);
    copy.count_for(kLifetime, kBegin);
    BOOST_TEST(copy.seen(kBegin).sessions == sketch.seen(kBegin).sessions);
    BOOST_TEST(copy.seen(kBegin).last_seen == kBegin);
    for (std::uint64_t i = 0; i < 5000; ++i)
        copy.note(digest_of(1, i), kBegin);
    copy.sweep(kBegin);
    BOOST_TEST(copy.seen(kBegin).sessions == sketch.seen(kBegin).sessions);
}

BOOST_AUTO_TEST_CASE(
    a_copy_knows_when_somebody_of_the_table_was_seen_last_even_where_nothing_else_is)
{
    wide.sketch(0).last_of_table_us.store(kBegin.us);
    wide.sketch(0).last_of_both_us.store(kBegin.us + 1);
    counting::copy_sketch(wide, 0, wide, 1);
    BOOST_TEST(wide.sketch(1).last_of_table_us.load() == kBegin.us);
    BOOST_TEST(wide.sketch(1).last_of_both_us.load() == kBegin.us + 1);
}

// As if all had come to the narrow one: so the same clients are the same cells there.
BOOST_AUTO_TEST_CASE(a_copy_of_fewer_columns_counts_the_same_clients_and_the_newest_of_each_cell)
{
    const Sketch from(wide, 0), into(narrow, 9), direct(narrow, 10);
    for (const auto &each : {from, direct})
        each.count_for(kLifetime, kBegin);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto now = after(static_cast<std::int64_t>(i / 20) * kSecond);
        from.note(digest_of(1, i), now);
        direct.note(digest_of(1, i), now);
    }
    counting::copy_sketch(wide, 0, narrow, 9);
    const auto cells = narrow.sketch_cells(9), expected = narrow.sketch_cells(10);
    std::size_t different = 0;
    for (std::size_t i = 0; i < cells.size(); ++i)
        different += cells[i].load() != expected[i].load();
    BOOST_TEST(different == 0u);
    into.count_for(kLifetime, after(1000 * kSecond));
    into.sweep(after(1000 * kSecond));
    BOOST_TEST(is_near(into.seen(after(1000 * kSecond)).sessions, 20'000, 0.07));
}

BOOST_AUTO_TEST_CASE(a_copy_of_more_columns_starts_afresh)
{
    const Sketch from(narrow, 9), into(wide, 0);
    from.count_for(kLifetime, kBegin);
    from.note(digest_of(1, 1), kBegin);
    counting::copy_sketch(narrow, 9, wide, 0);
    BOOST_TEST(wide.sketch(0).scale.acquire() == 0u);
    into.count_for(kLifetime, kBegin);
    BOOST_TEST(into.seen(kBegin).sessions == 0u);
}

// All of them within a few seconds, however many there are.
BOOST_AUTO_TEST_CASE(sketches_of_many_members_take_turns)
{
    for (std::uint32_t place = 0; place < 1000; ++place) {
        const Sketch sketch(narrow, place);
        sketch.count_for(kLifetime, kBegin);
        for (std::uint64_t i = 0; i < 3; ++i)  // one in each of three rows
            sketch.note(std::uint64_t{1} << (63 - i) | i, kBegin);
        narrow.sketch(place).rows.fetch_or(0xFFFFF);
    }
    const auto swept = [&] {
        std::uint32_t count = 0;
        for (std::uint32_t place = 0; place < 1000; ++place)
            count += Sketch(narrow, place).seen(kBegin).sessions == 3u;
        return count;
    };
    counting::sweep_some(narrow, kBegin);
    const auto first = swept();
    BOOST_TEST(first > 300u);
    BOOST_TEST(first < 1000u);
    for (int second = 0; second < 3; ++second)
        counting::sweep_some(narrow, kBegin);
    BOOST_TEST(swept() == 1000u);
}

BOOST_AUTO_TEST_SUITE_END()
