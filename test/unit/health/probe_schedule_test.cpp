// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <vector>

#include "core/health/probe_schedule.hpp"

using namespace stickybalancer;
using namespace stickybalancer::health;

namespace {

constexpr std::int64_t kStart_us = 1'700'000'000'000'000;
constexpr std::int64_t kInterval_us = 2'000'000;

struct OneMember {
    shm::MemberSlot slot{};
    std::uint64_t identity = 123'456'789;

    bool claim(std::int64_t at_us, std::int64_t interval_us = kInterval_us)
    {
        return claim_probe(slot, identity, {interval_us}, {kStart_us + at_us});
    }
    // Looks every millisecond; when it was claimed, in microseconds since the start.
    std::vector<std::int64_t> claims(std::int64_t from_us, std::int64_t to_us,
                                     std::int64_t interval_us = kInterval_us)
    {
        std::vector<std::int64_t> all;
        for (auto at_us = from_us; at_us < to_us; at_us += 1000)
            if (claim(at_us, interval_us)) {
                all.push_back(at_us);
                slot.probes_passed.fetch_add(1);
            }
        return all;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(probe_schedule_test, OneMember)

BOOST_AUTO_TEST_CASE(a_member_is_checked_once_an_interval_and_due_times_do_not_drift)
{
    const auto all = claims(0, 100 * kInterval_us);
    BOOST_TEST_REQUIRE(all.size() == 100u);
    BOOST_TEST(all.front() < kInterval_us);
    for (std::size_t i = 1; i < all.size(); ++i)
        BOOST_TEST(all[i] - all[i - 1] == kInterval_us);
    BOOST_TEST(slot.probe_due_us.load() - kStart_us - 99 * kInterval_us <=
               all.front() + kInterval_us);
}

BOOST_AUTO_TEST_CASE(a_late_look_moves_nothing_behind_it)
{
    const auto first = claims(0, kInterval_us).front();
    BOOST_TEST(claim(first + kInterval_us + 700'000));
    BOOST_TEST(!claim(first + 2 * kInterval_us - 1000));
    BOOST_TEST(claim(first + 2 * kInterval_us + 1000));
}

BOOST_AUTO_TEST_CASE(after_a_pause_there_is_one_check_and_not_one_for_each_that_was_missed)
{
    const auto first = claims(0, kInterval_us).front();
    const auto back = first + 1000 * kInterval_us + 300'000;
    BOOST_TEST(claim(back));
    BOOST_TEST(!claim(back));
    BOOST_TEST(!claim(back + 1'600'000));
    BOOST_TEST(claim(back + 1'701'000));
}

BOOST_AUTO_TEST_CASE(members_begin_all_over_the_interval)
{
    std::vector<int> tenths(10);
    for (std::uint64_t i = 0; i < 1000; ++i) {
        OneMember member;
        member.identity = i * 0x9E3779B97F4A7C15;  // as digests are
        ++tenths[static_cast<std::size_t>(member.claims(0, kInterval_us).front() * 10 /
                                          kInterval_us)];
    }
    for (const int count : tenths)
        BOOST_TEST((count > 60 && count < 140), count);
}

BOOST_AUTO_TEST_CASE(the_first_check_of_a_long_interval_comes_soon_and_the_others_spread)
{
    constexpr std::int64_t kMinute_us = 60'000'000;
    identity = 45'000'000;
    const auto all = claims(0, 5 * kMinute_us, kMinute_us);
    BOOST_TEST_REQUIRE(all.size() >= 4u);
    BOOST_TEST(all[0] == 1'000'000);
    BOOST_TEST(all[1] - all[0] == kMinute_us + 44'000'000);
    BOOST_TEST(all[2] - all[1] == kMinute_us);
    BOOST_TEST(all[3] - all[2] == kMinute_us);
}

BOOST_AUTO_TEST_CASE(a_due_time_that_no_plan_can_have_is_made_anew)
{
    for (const auto due_us :
         {-5L, kStart_us + 2 * kInterval_us + 5'000'001, INT64_MAX, INT64_MIN}) {
        slot.probe_due_us.store(due_us);
        BOOST_TEST(claims(0, kInterval_us).size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(who_was_kept_waiting_since_it_read_the_clock_spoils_no_plan)
{
    const auto first = claims(0, kInterval_us).front();
    const auto due = slot.probe_due_us.load();
    for (const auto late_us : {500'000, 2'000'000, 4'000'000})
        BOOST_TEST(!claim(first + 1000 - late_us));
    BOOST_TEST(slot.probe_due_us.load() == due);
}

BOOST_AUTO_TEST_CASE(a_shorter_interval_counts_at_once)
{
    claims(0, 2'000'000, 3'600'000'000);
    slot.probes_passed.store(1);
    BOOST_TEST(claims(2'000'000, 5'000'000, 1'000'000).size() >= 2u);
}

BOOST_AUTO_TEST_SUITE_END()
