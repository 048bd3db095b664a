// SPDX-License-Identifier: Apache-2.0
//
// Attempts and states, seen from both sides of the C ABI. The calls themselves are tested in C (test/abi).
#include <boost/test/unit_test.hpp>

#include <limits>
#include <thread>
#include <vector>

#include "core/abi/handles.hpp"
#include "core/capacity/admission.hpp"
#include "core/shm/actual_state.hpp"
#include "test/unit/support/abi.hpp"

using namespace stickybalancer;
using test::number;
using test::OneMember;

namespace {

struct Attempts : OneMember {
    shm::MemberSlot &slot() const { return balancer->block.slot(member.place); }
    shm::MemberLoad &load() const { return balancer->block.load(member.place); }
    sb_entry enter(bool places_client = true, sb_time_us now_us = 5)
    {
        sb_waiting waiting{};
        return sb_balancer_enter(balancer, member.place, places_client, now_us, &waiting);
    }
    int note(sb_actual actual, sb_time_us now_us)
    {
        return sb_balancer_note_state(balancer, member.place, actual, SB_REASON_OPERATOR, now_us);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(attempts_test, Attempts)

BOOST_AUTO_TEST_CASE(verdicts_states_and_reasons_have_the_numbers_of_the_core)
{
    using capacity::Verdict, shm::Actual, shm::Reason;
    BOOST_TEST(number(Verdict::kAdmitted) == SB_ADMITTED);
    BOOST_TEST(number(Verdict::kWait) == SB_WAIT);
    BOOST_TEST(number(Verdict::kQueueFull) == SB_QUEUE_FULL);
    BOOST_TEST(number(Verdict::kTimedOut) == SB_TIMED_OUT);
    BOOST_TEST(number(Verdict::kRefused) == SB_REFUSED);
    BOOST_TEST(number(Actual::kUp) == SB_UP);
    BOOST_TEST(number(Actual::kDown) == SB_DOWN);
    BOOST_TEST(number(Actual::kChecking) == SB_CHECKING);
    BOOST_TEST(number(Actual::kStarting) == SB_STARTING);
    BOOST_TEST(number(Reason::kNone) == SB_REASON_NONE);
    BOOST_TEST(number(Reason::kConnectFailed) == SB_REASON_CONNECT_FAILED);
    BOOST_TEST(number(Reason::kTimeout) == SB_REASON_TIMEOUT);
    BOOST_TEST(number(Reason::kReset) == SB_REASON_RESET);
    BOOST_TEST(number(Reason::kStatus) == SB_REASON_STATUS);
    BOOST_TEST(number(Reason::kCheckFailed) == SB_REASON_CHECK_FAILED);
    BOOST_TEST(number(Reason::kCheckPassed) == SB_REASON_CHECK_PASSED);
    BOOST_TEST(number(Reason::kRetryDue) == SB_REASON_RETRY_DUE);
    BOOST_TEST(number(Reason::kAnswered) == SB_REASON_ANSWERED);
    BOOST_TEST(number(Reason::kOperator) == SB_REASON_OPERATOR);
    BOOST_TEST(number(Reason::kConfigured) == SB_REASON_CONFIGURED);
}

BOOST_AUTO_TEST_CASE(an_attempt_moves_row_and_quick_number)
{
    auto entry = enter();
    BOOST_TEST(load().active.load() == 1u);
    BOOST_TEST(capacity::sum_of(balancer->region, balancer->block, member.place).active == 1u);
    BOOST_TEST(balancer->shared.total_active.load() == 0u);  // nobody needs it
    sb_balancer_end(balancer, &entry.attempt, 1000, 1, 6);
    BOOST_TEST(load().active.load() == 0u);
}

BOOST_AUTO_TEST_CASE(the_balancer_as_a_whole_is_counted_where_somebody_needs_it)
{
    settings.balance_factor = 150;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    auto bounded = enter();
    BOOST_TEST(balancer->shared.total_active.load() == 1u);
    settings.balance_factor = 0;  // while the attempt is under way
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    sb_balancer_end(balancer, &bounded.attempt, 1000, 1, 6);
    BOOST_TEST(balancer->shared.total_active.load() == 0u);
    member.max_connections = 2;
    member.min_connections = 1;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    auto limited = enter();
    BOOST_TEST(balancer->shared.total_active.load() == 1u);
    sb_balancer_end(balancer, &limited.attempt, 1000, 1, 6);
    BOOST_TEST(balancer->shared.total_active.load() == 0u);
}

BOOST_AUTO_TEST_CASE(a_policy_hears_of_clients_that_are_new_to_the_member)
{
    policy = "leastsessions";
    settings.policy = test::str(policy);
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    const auto before = load().sessions.load();
    auto placed = enter(true);
    const auto after = load().sessions.load();
    BOOST_TEST(after > before);
    auto bound = enter(false);
    BOOST_TEST(load().sessions.load() == after);
    sb_balancer_end(balancer, &placed.attempt, 1000, 1, 6);
    sb_balancer_end(balancer, &bound.attempt, 1000, 1, 6);
}

// Two threads find room for one, and one of them is let in.
BOOST_AUTO_TEST_CASE(the_last_session_is_placed_once_whoever_comes_at_the_same_instant)
{
    constexpr int kRounds = 500;
    member.max_sessions = 1;
    member.max_connections = 10;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    for (int round = 0; round < kRounds; ++round) {
        load().sessions.store(0);
        base::Relaxed<int> ready{}, admitted{};
        const auto come = [&] {
            ready.fetch_add(1);
            while (ready.load() < 2)
                std::this_thread::yield();
            auto entry = sb_balancer_enter_at_once(balancer, member.place, 1, 5);
            if (entry.verdict == SB_ADMITTED)
                admitted.fetch_add(1);
            else
                BOOST_TEST_REQUIRE(entry.verdict == SB_MEMBER_FULL);
            sb_balancer_end(balancer, &entry.attempt, 1000, 1, 6);
        };
        std::thread other(come);
        come();
        other.join();
        BOOST_TEST_REQUIRE(admitted.load() == 1);
    }
    BOOST_TEST(load().sessions.load() == 1024u);
    BOOST_TEST(load().active.load() == 0u);
    BOOST_TEST(capacity::sum_of(balancer->region, balancer->block, member.place).active == 0u);
}

BOOST_AUTO_TEST_CASE(a_policy_hears_how_long_an_answer_took)
{
    policy = "leasttime";
    settings.policy = test::str(policy);
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    const auto after = [this](std::int64_t response_time_us) {
        load().response_time.store(0);
        auto entry = enter();
        sb_balancer_end(balancer, &entry.attempt, response_time_us, 1, 6);
        return load().response_time.load();
    };
    const auto slow = after(2'000'000);
    BOOST_TEST(slow != 0u);
    BOOST_TEST(after(2'000'000) == slow);
    BOOST_TEST(after(1'000'000) != slow);
}

BOOST_AUTO_TEST_CASE(a_slow_start_begins_when_the_member_comes_back_and_not_before)
{
    BOOST_TEST(note(SB_DOWN, 1'000));
    BOOST_TEST(slot().started_us.load() == 0);
    BOOST_TEST(note(SB_CHECKING, 2'000));
    BOOST_TEST(slot().started_us.load() == 0);
    BOOST_TEST(note(SB_STARTING, 3'000));
    BOOST_TEST(slot().started_us.load() == 3'000);
    BOOST_TEST(note(SB_UP, 4'000));  // it has started
    BOOST_TEST(slot().started_us.load() == 3'000);
    BOOST_TEST(note(SB_DOWN, 5'000));
    BOOST_TEST(note(SB_UP, 6'000));
    BOOST_TEST(slot().started_us.load() == 6'000);
}

BOOST_AUTO_TEST_CASE(one_of_many_threads_is_told_of_a_change)
{
    constexpr int kChanges = 200;
    std::vector<std::thread> threads;
    base::Relaxed<int> told{};
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < kChanges; ++i)
                told.fetch_add(note(i % 2 == 0 ? SB_DOWN : SB_UP, i));
        });
    for (auto &thread : threads)
        thread.join();
    // Whatever the order: each change is from one state to the other, and the last left it as it is.
    const bool is_down = shm::actual_state(slot()).actual == shm::Actual::kDown;
    BOOST_TEST(told.load() >= kChanges);
    BOOST_TEST(told.load() % 2 == (is_down ? 1 : 0));
}

BOOST_AUTO_TEST_CASE(a_time_that_a_damaged_file_says_keeps_nobody_from_refreshing)
{
    for (const auto rubbish : {std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max(), std::int64_t{-1}}) {
        balancer->shared.refreshed_us.store(rubbish);
        BOOST_TEST(sb_balancer_refresh(balancer, 1'700'000'000'000'000) == 1);
        BOOST_TEST(sb_balancer_refresh(balancer, 1'700'000'000'000'000) == 0);
    }
}

BOOST_AUTO_TEST_CASE(refreshing_takes_off_what_a_killed_process_left_in_the_quick_number)
{
    auto entry = enter();
    load().active.fetch_add(3);  // steps that a kill cut short
    BOOST_TEST(sb_balancer_refresh(balancer, 1'700'000'000'000'000) == 1);
    BOOST_TEST(load().active.load() == 1u);
    sb_balancer_end(balancer, &entry.attempt, 1000, 1, 6);
    BOOST_TEST(load().active.load() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
