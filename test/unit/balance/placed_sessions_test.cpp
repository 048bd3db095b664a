// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "core/balance/placed_sessions.hpp"

using namespace stickybalancer;
using balance::add_session;
using balance::is_full;

namespace {

constexpr std::int64_t kSecond_us = 1'000'000, kMinute_us = 60 * kSecond_us;

struct Member {
    shm::MemberLoad load{};
    base::TimeUs now{1'700'000'000'000'000};

    Member() { refresh(); }
    void refresh() { balance::decay_sessions(load, now); }
    // A refresh each second.
    void pass(std::int64_t us)
    {
        for (const auto end = now.us + us; now.us < end;) {
            now.us += std::min(kSecond_us, end - now.us);
            refresh();
        }
    }
    void place(int count)
    {
        for (int i = 0; i < count; ++i)
            BOOST_TEST_REQUIRE(add_session(load, 0));
    }
    double sessions() const
    {
        return static_cast<double>(load.sessions.load()) / balance::kSession;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(placed_sessions_test, Member)

BOOST_AUTO_TEST_CASE(sessions_are_forgotten_with_a_mean_life_of_thirty_minutes)
{
    place(1000);
    pass(30 * kMinute_us);
    BOOST_TEST(std::abs(sessions() - 1000 / std::exp(1.0)) < 1.0);
    pass(30 * kMinute_us);
    BOOST_TEST(std::abs(sessions() - 1000 / std::exp(2.0)) < 1.0);
}

// What is rounded off at each refresh must not add up.
BOOST_AUTO_TEST_CASE(a_single_session_lives_as_long_as_one_of_many)
{
    place(1);
    pass(30 * kMinute_us);
    BOOST_TEST(std::abs(sessions() - 1 / std::exp(1.0)) < 0.03);
}

BOOST_AUTO_TEST_CASE(few_sessions_come_to_an_end_too)
{
    place(3);
    pass(200 * kMinute_us);
    BOOST_TEST(load.sessions.load() == 0u);
}

BOOST_AUTO_TEST_CASE(a_steady_rate_comes_to_that_of_half_an_hour)
{
    for (int minute = 0; minute < 300; ++minute) {
        place(1);
        pass(kMinute_us);
    }
    BOOST_TEST(std::abs(sessions() - 30) < 1.0);
}

BOOST_AUTO_TEST_CASE(what_two_processes_refresh_at_once_decays_once)
{
    place(1000);
    now.us += kMinute_us;
    refresh();
    const auto before = sessions();
    refresh();
    BOOST_TEST(before < 1000.0);
    BOOST_TEST(sessions() == before);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_stepped_forgets_nothing_by_going_back)
{
    place(1000);
    now.us -= 60 * kMinute_us;
    refresh();
    BOOST_TEST(sessions() == 1000.0);
    now.us += 30 * kMinute_us;
    refresh();
    BOOST_TEST(std::abs(sessions() - 1000 / std::exp(1.0)) < 1.0);
}

BOOST_AUTO_TEST_CASE(a_time_that_a_damaged_file_says_costs_no_session)
{
    for (const auto rubbish : {std::numeric_limits<std::int64_t>::min(), std::int64_t{0},
                               std::numeric_limits<std::int64_t>::max()}) {
        load.sessions.store(10 * balance::kSession);
        load.decayed_us.store(rubbish);
        refresh();
        BOOST_TEST(sessions() == 10.0);
        BOOST_TEST(load.decayed_us.load() == now.us);
    }
}

BOOST_AUTO_TEST_CASE(a_limit_of_0_is_none)
{
    load.sessions.store(0xFFFF'FFFF);
    BOOST_TEST(!is_full(load, 0));
    BOOST_TEST(add_session(load, 0));
    BOOST_TEST(load.sessions.load() == 0xFFFF'FFFFu);
    BOOST_TEST(is_full(load, balance::kMostSessions));
}

BOOST_AUTO_TEST_CASE(as_many_are_let_in_as_the_limit_says)
{
    for (const std::uint32_t most : {1U, 2U, 1000U, balance::kMostSessions}) {
        load.sessions.store((most - 1) * balance::kSession);
        BOOST_TEST(!is_full(load, most));
        BOOST_TEST(add_session(load, most));
        BOOST_TEST(is_full(load, most));
        BOOST_TEST(!add_session(load, most));
        BOOST_TEST(load.sessions.load() == most * balance::kSession);
    }
}

BOOST_AUTO_TEST_CASE(the_next_is_let_in_when_half_a_session_is_forgotten)
{
    place(1);
    pass(20 * kMinute_us);
    BOOST_TEST(is_full(load, 1));
    pass(2 * kMinute_us);  // half of it after 30 minutes times the logarithm of 2: 20.8
    BOOST_TEST(!is_full(load, 1));
    BOOST_TEST(add_session(load, 1));
    BOOST_TEST(is_full(load, 1));
}

BOOST_AUTO_TEST_CASE(what_is_taken_back_is_one_session_and_never_more_than_there_is)
{
    place(2);
    balance::take_session_back(load);
    BOOST_TEST(sessions() == 1.0);
    load.sessions.store(balance::kSession / 2);
    balance::take_session_back(load);
    BOOST_TEST(sessions() == 0.0);
    balance::take_session_back(load);
    BOOST_TEST(sessions() == 0.0);
}

// Where one session is allowed, nobody else has one while it lasts.
BOOST_AUTO_TEST_CASE(never_more_than_the_limit_whatever_threads_do_at_once)
{
    base::Relaxed<int> holders{}, meetings{}, placed{};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 2'000'000; ++i) {
                if (!add_session(load, 1))
                    continue;
                if (holders.fetch_add(1) != 0)
                    meetings.fetch_add(1);
                placed.fetch_add(1);
                holders.fetch_add(-1);
                balance::take_session_back(load);
            }
        });
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST(meetings.load() == 0);
    BOOST_TEST(placed.load() > 0);
    BOOST_TEST(load.sessions.load() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
