// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/health/probe_lease.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using namespace stickybalancer::health;

namespace {

constexpr std::int64_t kStart_us = 1'700'000'000'000'000;

struct TwoProcesses : test::OneBlock {
    std::uint32_t other = claim(2000);

    bool take(std::uint32_t process, std::int64_t at_us)
    {
        return take_lease(block.state(), region, process, {kStart_us + at_us});
    }
    bool has(std::uint32_t process, std::int64_t at_us)
    {
        return has_lease(block.state(), process, {kStart_us + at_us});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(probe_lease_test, TwoProcesses)

BOOST_AUTO_TEST_CASE(one_process_has_it_as_long_as_it_asks)
{
    for (std::int64_t at_us = 0; at_us < 60'000'000; at_us += 100'000) {
        BOOST_TEST(take(0, at_us));
        BOOST_TEST(!take(other, at_us + 50'000));
    }
    BOOST_TEST(has(0, 60'000'000));
    BOOST_TEST(!has(other, 60'000'000));
}

BOOST_AUTO_TEST_CASE(who_hangs_has_lost_it_when_its_time_is_over)
{
    take(0, 0);
    BOOST_TEST(!take(other, kLease.us - 1000));
    BOOST_TEST(has(0, kLease.us - 1000));
    BOOST_TEST(!has(0, kLease.us));
    BOOST_TEST(take(other, kLease.us));
    BOOST_TEST(!take(0, kLease.us + 1000));
    BOOST_TEST(!has(0, kLease.us + 1000));
}

BOOST_AUTO_TEST_CASE(who_is_gone_has_lost_it_at_once)
{
    take(other, 0);
    BOOST_TEST(!take(0, 1000));
    reclaim(other);
    BOOST_TEST(take(0, 1000));
}

BOOST_AUTO_TEST_CASE(who_gives_it_up_has_it_no_more)
{
    take(0, 0);
    give_lease_up(block.state(), other);  // not its own
    BOOST_TEST(!take(other, 1000));
    give_lease_up(block.state(), 0);
    BOOST_TEST(take(other, 1000));
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_stepped_back_keeps_nobody_out)
{
    take(0, 3'600'000'000);
    BOOST_TEST(take(other, 0));
}

BOOST_AUTO_TEST_CASE(who_was_kept_waiting_since_it_read_the_clock_takes_it_from_nobody)
{
    take(0, 10'000'000);
    BOOST_TEST(!take(other, 9'000'000));
    BOOST_TEST(!take(other, 5'000'000));
    BOOST_TEST(has(0, 10'000'000));
}

BOOST_AUTO_TEST_CASE(a_damaged_word_keeps_nobody_out)
{
    for (const auto word : {~std::uint64_t{0}, std::uint64_t{0xFFFFF}, std::uint64_t{1} << 63}) {
        block.state().prober.publish(word);
        BOOST_TEST(take(0, 0));
        BOOST_TEST(has(0, 0));
    }
}

BOOST_AUTO_TEST_SUITE_END()
