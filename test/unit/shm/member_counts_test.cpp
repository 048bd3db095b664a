// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/shm/member_counts.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;

BOOST_FIXTURE_TEST_SUITE(member_counts_test, test::OneBlock)

BOOST_AUTO_TEST_CASE(each_total_is_copied_and_forgotten)
{
    auto &totals = block.totals(0), &copy = block.totals(1);
    auto *words = reinterpret_cast<std::uint64_t *>(&totals);
    for (std::uint64_t i = 0; i < 23; ++i)
        words[i] = 100 + i;
    shm::copy_totals(totals, copy);
    const auto *copied = reinterpret_cast<const std::uint64_t *>(&copy);
    for (std::uint64_t i = 0; i < 23; ++i)
        BOOST_TEST(copied[i] == 100 + i);
    shm::forget_totals(totals);
    for (std::uint64_t i = 0; i < 24; ++i)
        BOOST_TEST(words[i] == 0u);
}

BOOST_AUTO_TEST_CASE(a_sketch_is_forgotten_row_by_row_and_no_others)
{
    for (const std::uint32_t place : {1U, 2U}) {
        block.sketch(place).rows.store(1U << 19 | 1);
        block.sketch(place).estimate.store(7);
        block.sketch_cells(place).front().store(3);
        block.sketch_cells(place).back().store(4);
    }
    shm::forget_sketch(block, 1);
    BOOST_TEST(block.sketch(1).rows.load() == 0u);
    BOOST_TEST(block.sketch(1).estimate.load() == 0u);
    for (const auto &cell : block.sketch_cells(1))
        BOOST_TEST_REQUIRE(cell.load() == 0);
    BOOST_TEST(block.sketch(2).estimate.load() == 7u);
    BOOST_TEST(block.sketch_cells(2).back().load() == 4);
}

BOOST_AUTO_TEST_SUITE_END()
