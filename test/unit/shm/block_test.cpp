// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <boost/test/data/test_case.hpp>

#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using shm::BlockPlan;

BOOST_AUTO_TEST_SUITE(block_test)

struct Tree {
    std::uint32_t capacity;
    std::size_t nodes;
};
std::ostream &operator<<(std::ostream &out, const Tree &tree) { return out << tree.capacity; }

BOOST_DATA_TEST_CASE(a_tree_has_a_node_for_each_eight_keys_up_to_one_root,
                     boost::unit_test::data::make({Tree{0, 0}, Tree{1, 1}, Tree{8, 1}, Tree{9, 3},
                                                   Tree{64, 9}, Tree{65, 12},
                                                   Tree{10'000, 1250 + 157 + 20 + 3 + 1}}),
                     tree)
{
    BOOST_TEST(shm::tree_word_count(tree.capacity) == 8 * tree.nodes);
}

BOOST_AUTO_TEST_CASE(sections_follow_each_other_line_by_line)
{
    const BlockPlan plan(5, 3);
    BOOST_TEST(plan.slots == 384u);
    BOOST_TEST(plan.loads == 384u + 5 * 1024);
    BOOST_TEST(plan.totals == plan.loads + 5 * 64);
    BOOST_TEST(plan.queues == plan.totals + 6 * 192);
    BOOST_TEST(plan.sketches == plan.queues + 5 * 128);
    BOOST_TEST(plan.tree == plan.sketches + 5 * 64);
    BOOST_TEST(plan.gauges == plan.tree + 64);
    BOOST_TEST(plan.row_bytes == 128u);  // six gauges of 16 bytes, in whole lines
    BOOST_TEST(plan.cells == plan.gauges + 3 * 128);
    BOOST_TEST(plan.sketch_bytes == 20u * 2048);
    BOOST_TEST(plan.size_bytes == plan.cells + 5 * 20 * 2048);
}

BOOST_AUTO_TEST_CASE(sketches_of_a_block_take_32_megabytes_or_less_up_to_50_000_members)
{
    for (const std::uint32_t capacity : {1U, 16U, 512U, 820U, 1250U, 12'500U, 50'000U}) {
        const BlockPlan plan(capacity, 1);
        BOOST_TEST(plan.size_bytes - plan.cells <= std::size_t{32} << 20);
    }
}

BOOST_AUTO_TEST_CASE(the_largest_block_is_counted_without_overflow)
{
    const BlockPlan plan(shm::kMostPlaces, shm::kMostProcesses);
    BOOST_TEST(plan.size_bytes > std::size_t{shm::kMostPlaces} * shm::kMostProcesses * 16);
}

BOOST_FIXTURE_TEST_CASE(rows_of_two_processes_share_no_line, test::OneBlock)
{
    const auto *last = &block.gauge(0, block.whole());
    const auto *next = &block.gauge(1, 0);
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(next) % 64 == 0u);
    BOOST_TEST((last < next));
}

BOOST_FIXTURE_TEST_CASE(what_is_last_in_the_last_section_ends_inside_the_region, test::OneBlock)
{
    const auto *end = reinterpret_cast<std::byte *>(&block.sketch_cells(4).back() + 1);
    BOOST_TEST(end - bytes.get() <= static_cast<std::ptrdiff_t>(size_bytes));
}

BOOST_AUTO_TEST_SUITE_END()
