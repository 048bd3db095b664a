// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "core/abi/handles.hpp"
#include "core/shm/actual_state.hpp"
#include "test/unit/support/abi.hpp"

using namespace stickybalancer;
using test::OneMember;

namespace {

constexpr sb_time_us kSecond = 1'000'000, kNow = 1'700'000'000 * kSecond;
constexpr std::uint32_t kError = 1, kStopped = 2;

// It failed at kNow, and is left alone for ten seconds.
struct Trials : OneMember {
    Trials()
    {
        settings.state_bits.stopped = kStopped;
        settings.state_bits.error = kError;
        retry_us = 10 * kSecond;
        BOOST_TEST_REQUIRE(configure() == SB_OK);
        fail(kNow);
    }
    void fail(sb_time_us at)
    {
        failed_at_us = at;
        state |= kError;
        sb_balancer_note_state(balancer, member.place, SB_DOWN, SB_REASON_CONNECT_FAILED, at);
    }
    bool begin(sb_time_us now, bool is_last_resort = false)
    {
        return sb_balancer_begin_trial(balancer, member.place, is_last_resort, now) != 0;
    }
    bool is_tried(sb_time_us now) { return sb_balancer_is_tried(balancer, member.place, now) != 0; }
    shm::ActualState word() const { return shm::actual_state(balancer->block.slot(member.place)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(trials_test, Trials)

BOOST_AUTO_TEST_CASE(it_begins_when_the_interval_is_over_and_for_one)
{
    const auto due = kNow + retry_us + 1;
    BOOST_TEST(!begin(due - 1));
    BOOST_TEST(!is_tried(due - 1));
    BOOST_TEST(begin(due));
    BOOST_TEST(is_tried(due));
    BOOST_TEST(
        (word() == shm::ActualState{shm::Actual::kChecking, shm::Reason::kRetryDue, due / 1000}));
    BOOST_TEST(!begin(due));
    BOOST_TEST(!begin(due, true));
}

BOOST_AUTO_TEST_CASE(the_next_one_waits_for_its_end)
{
    const auto due = kNow + retry_us + 1;
    BOOST_TEST_REQUIRE(begin(due));
    fail(due + 5);
    BOOST_TEST(!is_tried(due + 6));
    BOOST_TEST(!begin(due + 6));  // it has failed a moment ago
    BOOST_TEST(word().actual == shm::Actual::kDown);
    BOOST_TEST(begin(due + 6, true));
}

// Its host has requests try it before its interval is over, as nobody else serves.
BOOST_AUTO_TEST_CASE(it_accepts_new_clients_an_interval_after_the_last_failed_try)
{
    const auto accepts = [&](sb_time_us now) {
        return sb_balancer_accepts_new(balancer, 1, now) != 0;
    };
    failed_at_us = -1;
    BOOST_TEST(!accepts(kNow));
    BOOST_TEST(!accepts(kNow + retry_us));
    BOOST_TEST(accepts(kNow + retry_us + 1));
    BOOST_TEST(accepts(kNow - retry_us - 1));  // the clock was stepped back

    const auto later = kNow + 7 * kSecond;
    BOOST_TEST_REQUIRE(begin(later));
    BOOST_TEST(!accepts(later));
    BOOST_TEST(!accepts(later + retry_us));
    fail(later + kSecond);
    failed_at_us = -1;
    BOOST_TEST(!accepts(later + kSecond + retry_us));
    BOOST_TEST(accepts(later + kSecond + retry_us + 1));

    fail(later + kSecond);
    state = 0;  // forgotten, as by a restart
    BOOST_TEST(accepts(later + kSecond));
}

BOOST_AUTO_TEST_CASE(one_of_a_killed_process_lasts_for_an_interval)
{
    const auto due = kNow + retry_us + kSecond;
    BOOST_TEST_REQUIRE(begin(due));
    failed_at_us = due;
    BOOST_TEST(!begin(due + retry_us));
    BOOST_TEST(!begin(due + retry_us, true));
    BOOST_TEST(!is_tried(due + retry_us + 1));
    BOOST_TEST(begin(due + retry_us + 1));
    BOOST_TEST(word().since_ms == (due + retry_us + 1) / 1000);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_stepped_back_ends_it)
{
    const auto due = kNow + retry_us + 1;
    BOOST_TEST_REQUIRE(begin(due));
    failed_at_us = due;
    const auto stepped_back = due - 3600 * kSecond;
    BOOST_TEST(!is_tried(stepped_back));
    BOOST_TEST(begin(stepped_back));
}

BOOST_AUTO_TEST_CASE(nobody_tries_what_is_well_or_taken_out_or_unknown)
{
    const auto due = kNow + retry_us + 1;
    state = 0;
    BOOST_TEST(!begin(due));
    BOOST_TEST(!begin(due, true));
    state = kError | kStopped;
    BOOST_TEST(!begin(due, true));
    BOOST_TEST(word().actual == shm::Actual::kDown);
    BOOST_TEST(sb_balancer_begin_trial(balancer, 1, 1, due) == 0);
    BOOST_TEST(sb_balancer_begin_trial(balancer, 0xFFFF'FFFF, 1, due) == 0);
    BOOST_TEST(sb_balancer_is_tried(balancer, 0xFFFF'FFFF, due) == 0);
}

BOOST_AUTO_TEST_CASE(of_many_at_one_time_one_begins)
{
    for (int round = 0; round < 200; ++round) {
        const auto due = kNow + (round + 1) * 2 * retry_us;
        fail(due - retry_us - 1);
        std::atomic<int> begun = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] { begun += begin(due); });
        for (auto &thread : threads)
            thread.join();
        BOOST_TEST(begun == 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()
