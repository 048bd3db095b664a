// SPDX-License-Identifier: Apache-2.0
//
// The tree against a plain look at all keys: alone, under writers, and from garbage.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "core/balance/load_tree.hpp"
#include "test/unit/support/tree_memory.hpp"

using namespace stickybalancer;
using balance::key_of;
using balance::kNever;
using balance::kNoLeaf;
using balance::Leaf;
using balance::LoadTree;
using test::TreeMemory;

namespace {

constexpr std::uint32_t kCapacities[] = {1, 2, 7, 8, 9, 63, 64, 65, 100, 513, 1000, 4097};

// What lowest() promises, the slow way.
Leaf lowest_by_scan(const LoadTree &tree, std::uint16_t rank, Leaf start,
                    const std::vector<Leaf> &excluded)
{
    Leaf best = kNoLeaf;
    for (Leaf i = 0; i < tree.capacity(); ++i) {
        const auto leaf = (start + i) % tree.capacity();
        if (tree.key(leaf) == kNever ||
            std::find(excluded.begin(), excluded.end(), leaf) != excluded.end())
            continue;
        if (best == kNoLeaf || tree.key(leaf) < tree.key(best))
            best = leaf;
    }
    return best != kNoLeaf && balance::rank_of(tree.key(best)) == rank ? best : kNoLeaf;
}

// Every inner key is the least below it, by sets of leaves rather than by the tree's own arithmetic.
bool is_exact(const TreeMemory &memory)
{
    const auto words = memory.words();
    auto width = memory.tree().capacity();
    for (std::size_t level = 0; width > 8;) {
        const auto nodes = (width + 7) / 8;
        for (std::uint32_t node = 0; node < nodes; ++node) {
            auto least = kNever;
            for (std::uint32_t i = 0; i < 8; ++i)
                least = std::min(least, words[level + 8 * node + i]->load());
            if (words[level + 8 * nodes + node]->load() != least)
                return false;
        }
        level += 8 * nodes;
        width = nodes;
    }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_tree_test)

BOOST_AUTO_TEST_CASE(words_are_lines_of_eight_for_each_level)
{
    BOOST_TEST(LoadTree::word_count(0) == 0u);
    BOOST_TEST(LoadTree::word_count(1) == 8u);
    BOOST_TEST(LoadTree::word_count(8) == 8u);
    BOOST_TEST(LoadTree::word_count(9) == 24u);
    BOOST_TEST(LoadTree::word_count(64) == 72u);
    BOOST_TEST(LoadTree::word_count(65) == (9u + 2 + 1) * 8);
    BOOST_TEST(LoadTree::word_count(1000) == (125u + 16 + 2 + 1) * 8);
    BOOST_TEST(LoadTree::word_count(10'000) == (1250u + 157 + 20 + 3 + 1) * 8);
}

BOOST_AUTO_TEST_CASE(too_little_memory_is_no_tree)
{
    TreeMemory memory(64);
    std::vector<LoadTree::Word> words(71);
    BOOST_TEST(LoadTree(words, 64).capacity() == 0u);
    BOOST_TEST(LoadTree(words, 64).lowest(0, 0) == kNoLeaf);
    BOOST_TEST(LoadTree().lowest(0, 0) == kNoLeaf);
}

BOOST_AUTO_TEST_CASE(a_key_orders_by_rank_then_by_load_and_is_never_never)
{
    BOOST_TEST(key_of(0, 5) < key_of(0, 6));
    BOOST_TEST(key_of(0, balance::kMostLoad) < key_of(1, 0));
    BOOST_TEST(key_of(0, ~std::uint64_t{0}) == key_of(0, balance::kMostLoad));
    BOOST_TEST(key_of(0xFFFF, ~std::uint64_t{0}) < kNever);
    BOOST_TEST(balance::rank_of(key_of(513, balance::kMostLoad)) == 513);
}

BOOST_AUTO_TEST_CASE(an_empty_tree_has_nobody)
{
    for (const auto capacity : kCapacities)
        BOOST_TEST(TreeMemory(capacity).tree().lowest(0, capacity - 1) == kNoLeaf);
}

BOOST_AUTO_TEST_CASE(equal_keys_take_turns_exactly_wherever_they_stand)
{
    for (const auto capacity : kCapacities) {
        const TreeMemory memory(capacity);
        const auto tree = memory.tree();
        std::vector<Leaf> tied;
        for (Leaf leaf = 0; leaf < capacity; ++leaf) {
            const bool is_tied = leaf % 3 == 0 || leaf + 1 == capacity;
            tree.set(leaf, key_of(0, is_tied ? 7 : 8 + leaf));
            if (is_tied)
                tied.push_back(leaf);
        }
        Leaf start = 0;
        for (std::size_t i = 0; i < 2 * tied.size(); ++i) {
            const auto leaf = tree.lowest(0, start);
            BOOST_TEST_REQUIRE(leaf == tied[i % tied.size()]);
            start = (leaf + 1) % capacity;
        }
    }
}

BOOST_AUTO_TEST_CASE(a_lower_rank_hides_a_higher_one_until_it_is_gone)
{
    const TreeMemory memory(100);
    const auto tree = memory.tree();
    tree.set(3, key_of(1, 50));
    tree.set(70, key_of(2, 1));
    BOOST_TEST(tree.lowest(0, 0) == kNoLeaf);
    BOOST_TEST(tree.lowest(1, 0) == 3u);
    BOOST_TEST(tree.lowest(2, 0) == kNoLeaf);
    const Leaf refused[] = {3};
    BOOST_TEST(tree.lowest(2, 0, refused) == 70u);
    BOOST_TEST(tree.set(3, kNever) == key_of(1, 50));
    BOOST_TEST(tree.lowest(2, 0) == 70u);
}

BOOST_AUTO_TEST_CASE(it_finds_what_a_scan_finds_under_random_changes_and_exclusions)
{
    std::mt19937 random(20240131);
    for (const auto capacity : kCapacities) {
        const TreeMemory memory(capacity);
        const auto tree = memory.tree();
        for (int i = 0; i < 3000; ++i) {
            const auto leaf = static_cast<Leaf>(random() % capacity);
            const auto kind = random() % 10;
            tree.set(leaf, kind == 0
                               ? kNever
                               : key_of(static_cast<std::uint16_t>(kind == 1), random() % 20));
            std::vector<Leaf> excluded(random() % 5);
            for (auto &other : excluded)
                other = static_cast<Leaf>(random() % capacity);
            const auto start = static_cast<Leaf>(random() % capacity);
            const auto rank = static_cast<std::uint16_t>(random() % 2);
            BOOST_TEST_REQUIRE(tree.lowest(rank, start, excluded) ==
                               lowest_by_scan(tree, rank, start, excluded));
        }
        BOOST_TEST(is_exact(memory));
    }
}

BOOST_AUTO_TEST_CASE(excluded_leaves_of_which_none_could_serve_do_not_count)
{
    const TreeMemory memory(1000);
    const auto tree = memory.tree();
    std::vector<Leaf> excluded;
    for (Leaf leaf = 0; leaf < 200; ++leaf)
        excluded.push_back(leaf);
    excluded.push_back(5000);  // of no leaf
    tree.set(777, key_of(0, 9));
    BOOST_TEST(tree.lowest(0, 0, excluded) == 777u);
    for (Leaf leaf = 0; leaf < LoadTree::kMostExcluded; ++leaf)
        tree.set(10 * leaf, key_of(0, 1));
    BOOST_TEST(tree.lowest(0, 0, excluded) == 777u);
    tree.set(199, key_of(0, 1));
    BOOST_TEST(tree.lowest(0, 0, excluded) == kNoLeaf);  // its patience is at an end
}

BOOST_DATA_TEST_CASE(garbage_becomes_an_empty_tree_by_reset_and_a_right_one_by_repair, kCapacities,
                     capacity)
{
    std::mt19937_64 random(capacity);
    const TreeMemory memory(capacity);
    const auto tree = memory.tree();
    for (int zero = 0; zero < 2; ++zero) {
        const auto scatter = [&] {
            for (auto *word : memory.words())
                word->store(zero ? 0 : random());
        };
        scatter();
        tree.lowest(0, 0);  // ends, whatever it says
        tree.reset();
        BOOST_TEST(tree.lowest(0, 0) == kNoLeaf);
        scatter();
        for (Leaf leaf = 0; leaf < capacity; ++leaf)
            tree.set(leaf, key_of(0, 100 + leaf % 13));
        tree.repair();
        BOOST_TEST(is_exact(memory));
        BOOST_TEST(tree.lowest(0, 0) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(searches_in_garbage_end_within_the_tree)
{
    std::mt19937_64 random(20240131);
    for (const auto capacity : kCapacities) {
        const TreeMemory memory(capacity);
        for (int i = 0; i < 200; ++i) {
            for (auto *word : memory.words())
                word->store(random() % 4 == 0 ? kNever : random() >> (random() % 64));
            const Leaf excluded[] = {static_cast<Leaf>(random() % capacity)};
            const auto leaf =
                memory.tree().lowest(0, static_cast<Leaf>(random() % capacity), excluded);
            BOOST_TEST_REQUIRE((leaf == kNoLeaf || leaf < capacity));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_killed_writer_left_is_put_right_by_repair)
{
    const TreeMemory memory(1000);
    const auto tree = memory.tree();
    for (Leaf leaf = 0; leaf < 1000; ++leaf)
        tree.set(leaf, key_of(0, 10));
    memory.words()[333]->store(key_of(0, 1));  // the leaf, and then it was killed
    BOOST_TEST(!is_exact(memory));
    tree.repair();
    BOOST_TEST(is_exact(memory));
    BOOST_TEST(tree.lowest(0, 0) == 333u);
}

BOOST_AUTO_TEST_CASE(writers_of_the_same_leaves_leave_an_exact_tree)
{
    const TreeMemory memory(100);
    const auto tree = memory.tree();
    std::vector<std::thread> writers;
    for (std::uint32_t seed = 1; seed <= 4; ++seed)
        writers.emplace_back([tree, seed] {
            std::mt19937 random(seed);
            for (int i = 0; i < 20'000; ++i) {
                const auto load = random() % 50;
                tree.set(static_cast<Leaf>(random() % 100), load == 0 ? kNever : key_of(0, load));
            }
        });
    std::atomic<bool> is_over{false};
    bool is_within = true;
    std::thread reader([&] {
        const Leaf excluded[] = {7};
        for (Leaf start = 0; !is_over.load(); start = (start + 1) % 100) {
            const auto leaf = tree.lowest(0, start, excluded);
            is_within = is_within && (leaf == kNoLeaf || (leaf < 100 && leaf != 7));
        }
    });
    for (auto &writer : writers)
        writer.join();
    is_over.store(true);
    reader.join();
    BOOST_TEST(is_within);
    tree.repair();
    BOOST_TEST(is_exact(memory));
    BOOST_TEST(tree.lowest(0, 5) == lowest_by_scan(tree, 0, 5, {}));
}

BOOST_AUTO_TEST_SUITE_END()
