// SPDX-License-Identifier: Apache-2.0
//
// How many clients a sketch says, over seeds, over time, over steps of the clock, and over kills.
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>

#include "core/shm/member_counts.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/clients.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using base::TimeUs;
using counting::Sketch;

namespace {

constexpr std::uint32_t kPlace = 2;

struct Sketched : test::OneBlock {
    Sketch sketch{block, kPlace};
    Sketched() { sketch.count_for(kLifetime, kBegin); }

    shm::SketchHead &head() { return block.sketch(kPlace); }
    void come(std::uint64_t first, std::uint64_t count, TimeUs now = kBegin, std::uint64_t seed = 1)
    {
        for (auto i = first; i < first + count; ++i)
            sketch.note(digest_of(seed, i), now);
    }
    std::uint64_t counted(TimeUs now)
    {
        sketch.sweep(now);
        return sketch.seen(now).sessions;
    }
    void start_afresh()
    {
        shm::forget_sketch(block, kPlace);
        sketch.count_for(kLifetime, kBegin);
    }
    // As a server that is up: swept once a second.
    void pass(TimeUs from, TimeUs to)
    {
        for (auto now = from; now < to; now.us += kSecond)
            sketch.sweep(now);
    }
    std::size_t used_cells() const
    {
        std::size_t used = 0;
        for (const auto &cell : block.sketch_cells(kPlace))
            used += cell.load() != 0;
        return used;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sketch_test, Sketched)

BOOST_AUTO_TEST_CASE(nobody_is_0_and_one_client_is_1_whoever_it_is)
{
    BOOST_TEST(counted(kBegin) == 0u);
    BOOST_TEST(sketch.seen(kBegin).last_seen == TimeUs{});
    BOOST_TEST(sketch.seen(kBegin).end == TimeUs{});
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        start_afresh();
        come(0, 1, kBegin, seed);
        BOOST_TEST(counted(kBegin) == 1u);
    }
}

BOOST_AUTO_TEST_CASE(the_estimate_is_within_5_percent_with_each_of_25_seeds)
{
    double worst = 0;
    for (const std::uint64_t clients : {100U, 10'000U, 1'000'000U}) {
        double squares = 0;
        for (std::uint64_t seed = 0; seed < 25; ++seed) {
            start_afresh();
            come(0, clients, kBegin, seed);
            const auto error =
                static_cast<double>(counted(kBegin)) / static_cast<double>(clients) - 1;
            BOOST_TEST(std::abs(error) <= 0.05,
                       clients << " clients, seed " << seed << ": " << error);
            worst = std::max(worst, std::abs(error));
            squares += error * error;
        }
        BOOST_TEST_MESSAGE(clients << " clients: standard error " << std::sqrt(squares / 25));
        BOOST_TEST(std::sqrt(squares / 25) <= 0.02);
    }
    BOOST_TEST(worst > 0.0);
}

BOOST_AUTO_TEST_CASE(whoever_comes_again_is_counted_once)
{
    for (int round = 0; round < 50; ++round)
        come(0, 1000, after(round * kSecond));
    BOOST_TEST(is_near(counted(after(50 * kSecond)), 1000, 0.05));
}

BOOST_AUTO_TEST_CASE(clients_go_when_their_lifetime_is_over_and_not_before)
{
    come(0, 10'000);
    pass(kBegin, after(15 * kMinute));
    come(10'000, 5'000, after(15 * kMinute));
    pass(after(15 * kMinute), after(30 * kMinute));
    BOOST_TEST(is_near(counted(after(30 * kMinute)), 15'000, 0.05));
    pass(after(30 * kMinute), after(31 * kMinute));
    BOOST_TEST(is_near(counted(after(31 * kMinute)), 5'000, 0.05));
    pass(after(31 * kMinute), after(46 * kMinute));
    BOOST_TEST(counted(after(46 * kMinute)) == 0u);
    BOOST_TEST(used_cells() == 0u);
}

BOOST_AUTO_TEST_CASE(who_comes_all_the_time_stays_while_others_come_and_go)
{
    for (std::int64_t minute = 0; minute < 300; ++minute) {
        const auto now = after(minute * kMinute);
        come(0, 500, now);
        come(1000 + static_cast<std::uint64_t>(minute) * 100, 100, now);
        pass(now, after(kMinute, now));
    }
    // 500, and those of the last 30 minutes and the slice that is going.
    BOOST_TEST(is_near(counted(after(300 * kMinute - kSecond)), 500 + 30.5 * 100, 0.06));
}

BOOST_AUTO_TEST_CASE(the_end_is_a_lifetime_after_the_last_client_and_known_without_a_sweep)
{
    come(0, 1);
    BOOST_TEST(sketch.seen(kBegin).sessions == 1u);
    BOOST_TEST(sketch.seen(kBegin).last_seen == kBegin);
    BOOST_TEST(sketch.seen(kBegin).end == after(kLifetime.us));
    BOOST_TEST(sketch.seen(after(kLifetime.us)).sessions == 1u);
    const auto gone = sketch.seen(after(kLifetime.us + 1));
    BOOST_TEST(gone.sessions == 0u);
    BOOST_TEST(gone.end == TimeUs{});
    BOOST_TEST(gone.last_seen == kBegin);
}

BOOST_AUTO_TEST_CASE(when_a_client_was_seen_is_written_once_a_second)
{
    come(0, 1);
    come(0, 1, after(kSecond - 1));
    BOOST_TEST(head().last_seen_us.load() == kBegin.us);
    come(0, 1, after(kSecond));
    BOOST_TEST(head().last_seen_us.load() == kBegin.us + kSecond);
    come(0, 1, after(kSecond - 5));  // another process' clock
    BOOST_TEST(head().last_seen_us.load() == kBegin.us + kSecond);
    come(0, 1, after(-10 * kSecond));
    BOOST_TEST(head().last_seen_us.load() == kBegin.us - 10 * kSecond);
}

BOOST_AUTO_TEST_CASE(a_slice_is_a_power_of_two_with_which_64_are_no_less_than_the_lifetime)
{
    BOOST_TEST(counting::scale_of({0}) == 16u);
    BOOST_TEST(counting::scale_of({64LL << 16}) == 16u);
    BOOST_TEST(counting::scale_of({(64LL << 16) + 1}) == 17u);
    BOOST_TEST(counting::scale_of(kLifetime) == 25u);
    BOOST_TEST(counting::scale_of({std::int64_t{1} << 62}) == 50u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_a_little_loses_nobody)
{
    come(0, 1000);
    pass(kBegin, after(kMinute));
    const auto before = after(-10 * kMinute);
    BOOST_TEST(is_near(counted(before), 1000, 0.05));
    come(1000, 1000, before);
    BOOST_TEST(is_near(counted(before), 2000, 0.05));
    pass(before, after(5 * kMinute));
    BOOST_TEST(is_near(counted(after(5 * kMinute)), 2000, 0.05));
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_far_starts_afresh_and_counts_on)
{
    come(0, 1000);
    sketch.sweep(kBegin);
    const auto before = after(-1000 * kMinute);
    BOOST_TEST(counted(before) == 0u);
    come(0, 700, before);
    BOOST_TEST(is_near(counted(after(kSecond, before)), 700, 0.05));
}

// A byte has 255 stamps: each span after which an old one might look new.
BOOST_AUTO_TEST_CASE(a_clock_that_goes_far_ahead_ends_every_session_however_far)
{
    constexpr std::int64_t kSlice_us = 1LL << 25;
    for (std::int64_t slices = 70; slices < 1100; slices += 7) {
        start_afresh();
        come(0, 100);
        sketch.sweep(kBegin);
        const auto later = after(slices * kSlice_us);
        sketch.sweep(later);
        BOOST_TEST(used_cells() == 0u, slices << " slices");
        come(100, 10, later);
        BOOST_TEST(counted(later) == 10u);
    }
}

BOOST_AUTO_TEST_CASE(what_was_not_swept_for_too_long_is_gone_before_the_first_request_after_it)
{
    come(0, 1000);
    sketch.sweep(kBegin);
    const auto later = after(5 * 3600 * kSecond);  // the server was stopped
    sketch.count_for(kLifetime, later);
    BOOST_TEST(used_cells() == 0u);
    come(0, 20, later);
    sketch.count_for(kLifetime, later);  // the next child starts
    BOOST_TEST(counted(later) == 20u);
}

BOOST_AUTO_TEST_CASE(a_short_stop_loses_nobody)
{
    come(0, 1000);
    sketch.sweep(kBegin);
    sketch.count_for(kLifetime, after(5 * kMinute));
    BOOST_TEST(is_near(counted(after(5 * kMinute)), 1000, 0.05));
}

BOOST_AUTO_TEST_CASE(another_lifetime_of_the_same_scale_counts_on_and_of_another_starts_afresh)
{
    come(0, 1000);
    pass(kBegin, after(20 * kMinute));
    sketch.count_for({25 * kMinute}, after(20 * kMinute));
    BOOST_TEST(is_near(counted(after(20 * kMinute)), 1000, 0.05));
    sketch.count_for({60 * kMinute}, after(20 * kMinute));
    BOOST_TEST(used_cells() == 0u);
    come(0, 50, after(21 * kMinute));
    BOOST_TEST(is_near(counted(after(21 * kMinute)), 50, 0.05));
}

BOOST_AUTO_TEST_CASE(who_is_not_to_be_counted_is_not)
{
    come(0, 100);
    sketch.stop();
    BOOST_TEST(sketch.seen(kBegin).sessions == 0u);
    const auto used = used_cells();
    come(100, 100);
    BOOST_TEST(used_cells() == used);
    BOOST_TEST(sketch.sweep(kBegin) == 0u);
    sketch.count_for(kLifetime, kBegin);
    BOOST_TEST(used_cells() == 0u);
    BOOST_TEST(counted(kBegin) == 1u);  // at least: somebody was there a moment ago
}

BOOST_AUTO_TEST_CASE(a_lifetime_of_a_second_is_counted_as_well)
{
    sketch.count_for({kSecond}, kBegin);
    come(0, 100);
    BOOST_TEST(is_near(counted(after(kSecond)), 100, 0.05));
    BOOST_TEST(counted(after(kSecond + kSecond / 5)) == 0u);
}

BOOST_AUTO_TEST_CASE(members_are_counted_apart)
{
    const Sketch other(block, kPlace + 1);
    other.count_for(kLifetime, kBegin);
    come(0, 100);
    other.note(digest_of(1, 7), kBegin);
    counting::sweep_some(block, kBegin);
    BOOST_TEST(is_near(sketch.seen(kBegin).sessions, 100, 0.05));
    BOOST_TEST(other.seen(kBegin).sessions == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_request_does_allocates_nothing)
{
    const auto before = test::allocation_count();
    come(0, 1000);
    sketch.sweep(kBegin);
    BOOST_TEST(test::allocation_count() == before);
}

// Whatever bytes a damaged file has: numbers, but no step out of the sketch, and an end of it.
BOOST_AUTO_TEST_CASE(damaged_heads_and_cells_are_survived_and_swept_out)
{
    for (const int byte : {0x01, 0x19, 0x7F, 0x80, 0xA5, 0xFF}) {
        std::memset(static_cast<void *>(&head()), byte, sizeof(head()));
        std::memset(static_cast<void *>(block.sketch_cells(kPlace).data()), byte,
                    block.sketch_cells(kPlace).size());
        come(0, 10);
        sketch.sweep(kBegin);
        static_cast<void>(sketch.seen(kBegin));
        sketch.count_for(kLifetime, kBegin);
        pass(kBegin, after(35 * kMinute));
        come(0, 10, after(35 * kMinute));
        BOOST_TEST(counted(after(35 * kMinute)) == 10u);
    }
}

// Where a child may be killed on the way: between any two stores.
BOOST_AUTO_TEST_CASE(a_kill_between_two_stores_leaves_a_sketch_that_counts)
{
    come(0, 100);
    head().rows.fetch_or(1U << 19);  // note(): its bit, and no cell
    BOOST_TEST(is_near(counted(kBegin), 100, 0.05));
    head().scale.publish(0);  // count_for(): it is being emptied
    for (auto &cell : block.sketch_cells(kPlace).first(1024))
        cell.store(0);
    come(100, 100);  // by nobody
    sketch.count_for(kLifetime, kBegin);
    BOOST_TEST(used_cells() == 0u);
    come(0, 10);
    BOOST_TEST(counted(kBegin) == 10u);
}

BOOST_AUTO_TEST_SUITE_END()
