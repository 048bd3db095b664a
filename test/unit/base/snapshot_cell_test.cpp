// SPDX-License-Identifier: Apache-2.0
//
// Caught if: an object goes while it is read (its destructor wrecks what a reader checks, and a
// sanitizer sees the read), is kept for ever, is freed twice, or the writer goes beyond its bound
// instead of refusing.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "core/base/snapshot_cell.hpp"

namespace {

std::atomic<int> alive{0};

struct Pair {
    explicit Pair(int number) : first(number), second(-number) { ++alive; }
    ~Pair()
    {
        first = 1;
        second = 1;
        --alive;
    }
    bool is_whole() const { return first == -second; }

    volatile int first, second;
};

using Cell = stickybalancer::base::SnapshotCell<Pair>;

bool replace(Cell &cell, int number)
{
    return cell.replace_locked(std::make_unique<const Pair>(number));
}

constexpr int kMostRetired = static_cast<int>(Cell::kMostRetired);

}  // namespace

BOOST_AUTO_TEST_SUITE(snapshot_cell_test)

BOOST_AUTO_TEST_CASE(before_the_first_object_a_reading_is_empty)
{
    Cell cell;
    BOOST_TEST(!Cell::Reading(cell));
}

BOOST_AUTO_TEST_CASE(a_reading_sees_the_last_object_that_was_put_there)
{
    Cell cell;
    BOOST_TEST(replace(cell, 1));
    BOOST_TEST(replace(cell, 2));
    const Cell::Reading now(cell);
    BOOST_TEST(static_cast<bool>(now));
    BOOST_TEST(now->first == 2);
    BOOST_TEST((*now).is_whole());
}

BOOST_AUTO_TEST_CASE(without_readers_only_the_current_object_is_kept)
{
    Cell cell;
    for (int i = 1; i <= 100; ++i) {
        BOOST_TEST(replace(cell, i));
        BOOST_TEST(alive == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_reading_holds_its_object_over_a_replacement)
{
    Cell cell;
    replace(cell, 1);
    const Cell::Reading old(cell);
    replace(cell, 2);
    BOOST_TEST(old->first == 1);
    BOOST_TEST(old->is_whole());
    BOOST_TEST(Cell::Reading(cell)->first == 2);
    BOOST_TEST(alive == 2);
}

BOOST_AUTO_TEST_CASE(an_object_is_gone_with_the_first_replacement_after_its_last_reader_left)
{
    Cell cell;
    replace(cell, 1);
    auto old = std::make_unique<const Cell::Reading>(cell);
    replace(cell, 2);
    old.reset();
    BOOST_TEST(alive == 2);
    replace(cell, 3);
    BOOST_TEST(alive == 1);
}

BOOST_AUTO_TEST_CASE(
    a_reader_that_stays_lets_a_bounded_number_of_objects_wait_and_then_replacing_is_refused)
{
    Cell cell;
    replace(cell, 0);
    auto old = std::make_unique<const Cell::Reading>(cell);
    for (int i = 1; i <= kMostRetired; ++i)
        BOOST_TEST(replace(cell, i));
    BOOST_TEST(alive == kMostRetired + 1);

    BOOST_TEST(!replace(cell, 99));
    BOOST_TEST(!replace(cell, 99));
    BOOST_TEST(alive == kMostRetired + 1);
    BOOST_TEST(Cell::Reading(cell)->first == kMostRetired);
    BOOST_TEST((*old)->first == 0);

    old.reset();
    BOOST_TEST(replace(cell, 99));
    BOOST_TEST(Cell::Reading(cell)->first == 99);
    BOOST_TEST(alive == 1);
}

BOOST_AUTO_TEST_CASE(readers_that_take_turns_do_not_keep_an_object_for_ever)
{
    // At each replacement one of sixteen threads reads. So there is no moment without any reader,
    // but there are moments without this one: threads have stacks of their own, and not all of them
    // in one stripe.
    constexpr int kThreads = 16, kTurns = 160;
    Cell cell;
    replace(cell, 0);
    std::atomic<int> step{0};  // of turn i: 3i read, 3i + 1 replace, 3i + 2 leave
    const auto wait_for = [&step](int wanted) {
        while (step.load() != wanted)
            std::this_thread::yield();
    };
    std::vector<std::thread> readers;
    for (int own = 0; own < kThreads; ++own) {
        readers.emplace_back([&, own] {
            for (int turn = own; turn < kTurns; turn += kThreads) {
                wait_for(3 * turn);
                {
                    const Cell::Reading now(cell);
                    step.store(3 * turn + 1);
                    wait_for(3 * turn + 2);
                }
                step.store(3 * turn + 3);
            }
        });
    }
    int refused = 0;
    for (int turn = 0; turn < kTurns; ++turn) {
        wait_for(3 * turn + 1);
        refused += replace(cell, turn) ? 0 : 1;
        step.store(3 * turn + 2);
    }
    for (auto &reader : readers)
        reader.join();
    BOOST_TEST(refused == 0);
    BOOST_TEST(alive <= kMostRetired);
}

BOOST_AUTO_TEST_CASE(whatever_is_left_goes_with_the_cell)
{
    {
        Cell cell;
        replace(cell, 1);
        auto old = std::make_unique<const Cell::Reading>(cell);
        replace(cell, 2);
        replace(cell, 3);
        old.reset();
        BOOST_TEST(alive == 3);
    }
    BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(readers_and_a_writer_never_meet_half_an_object_or_one_that_is_gone)
{
    Cell cell;
    replace(cell, 0);
    std::atomic<bool> is_over{false};
    std::atomic<int> broken{0}, backwards{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
        readers.emplace_back([&] {
            for (int newest = 0; !is_over;) {
                const Cell::Reading outer(cell), inner(cell);
                broken += outer->is_whole() && inner->is_whole() ? 0 : 1;
                backwards += outer->first >= newest && inner->first >= outer->first ? 0 : 1;
                newest = inner->first;
            }
        });
    }
    int replaced = 0, most_alive = 0;
    for (int number = 1; number <= 20'000; ++number) {
        replaced += replace(cell, number) ? 1 : 0;
        most_alive = std::max(most_alive, alive.load());
        if (number % 16 == 0)
            std::this_thread::yield();
    }
    is_over = true;
    for (auto &reader : readers)
        reader.join();
    BOOST_TEST(broken == 0);
    BOOST_TEST(backwards == 0);
    BOOST_TEST(replaced > 0);
    BOOST_TEST(most_alive <= kMostRetired + 2);  // current, retired, and the one on offer
    BOOST_TEST(replace(cell, 30'000));
    BOOST_TEST(alive == 1);
}

BOOST_AUTO_TEST_SUITE_END()
