// SPDX-License-Identifier: Apache-2.0
//
// Since when a member drains: noted by whoever looks, from what was asked for, and cleared when it is over.
#include <boost/test/unit_test.hpp>

#include "core/abi/handles.hpp"
#include "test/unit/support/abi.hpp"

using namespace stickybalancer;
using test::OneMember;

namespace {

constexpr std::uint32_t kDrainBit = 8;
constexpr sb_time_us kNow = 1'000'000'000;

struct Drains : OneMember {
    Drains()
    {
        settings.state_bits.drain = kDrainBit;
        settings.now_us = kNow;
        member.drain_deadline_us = 60'000'000;
        BOOST_TEST_REQUIRE(configure() == SB_OK);
    }
    std::int64_t noted_us() const
    {
        return balancer->block.slot(member.place).draining_since_us.load();
    }
    sb_member_drain shown(sb_time_us now_us) const
    {
        sb_member_drain out{};
        out.struct_size = sizeof(out);
        BOOST_TEST(sb_balancer_member_drain(balancer, member.place, now_us, &out) == SB_OK);
        return out;
    }
    void remember(sb_requested requested, sb_time_us now_us)
    {
        sb_member_config config{};
        config.weight = 100;
        BOOST_TEST(sb_member_remember(region, block, member.place, &config, requested, 0, {},
                                      now_us) == SB_OK);
    }
    sb_status ask_for_it(sb_time_us now_us, sb_pick &pick) const
    {
        sb_request request{};
        request.struct_size = sizeof(request);
        request.now_us = now_us;
        request.cookie_header = {"ROUTEID=.a", 10};
        pick.struct_size = sizeof(pick);
        return sb_balancer_pick(balancer, &request, &pick);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(drains_test, Drains)

BOOST_AUTO_TEST_CASE(the_next_refresh_notes_it_and_the_one_after_its_end_clears_it)
{
    BOOST_TEST(noted_us() == 0);
    state |= kDrainBit;
    BOOST_TEST(sb_balancer_refresh(balancer, kNow) != 0);
    BOOST_TEST(noted_us() == kNow);
    BOOST_TEST(sb_balancer_refresh(balancer, kNow + 2'000'000) != 0);
    BOOST_TEST(noted_us() == kNow);
    state = 0;
    BOOST_TEST(shown(kNow).since_us == 0);
    BOOST_TEST(sb_balancer_refresh(balancer, kNow + 4'000'000) != 0);
    BOOST_TEST(noted_us() == 0);
}

BOOST_AUTO_TEST_CASE(a_configuration_notes_it_too)
{
    state |= kDrainBit;
    BOOST_TEST(configure() == SB_OK);
    BOOST_TEST(noted_us() == kNow);
}

BOOST_AUTO_TEST_CASE(what_an_operator_asked_for_began_when_it_was_asked_for)
{
    remember(SB_DRAIN, kNow - 7'000'000);
    BOOST_TEST(noted_us() == kNow - 7'000'000);
    BOOST_TEST(sb_balancer_refresh(balancer, kNow) != 0);  // a moment without the bit
    BOOST_TEST(noted_us() == 0);
    state |= kDrainBit;
    BOOST_TEST(sb_balancer_refresh(balancer, kNow + 1'000'000) != 0);
    BOOST_TEST(noted_us() == kNow - 7'000'000);
    // The bit as a check or the host set it, with nothing asked for.
    remember(SB_READY, kNow + 2'000'000);
    BOOST_TEST(noted_us() == 0);
    BOOST_TEST(sb_balancer_refresh(balancer, kNow + 3'000'000) != 0);
    BOOST_TEST(noted_us() == kNow + 3'000'000);
}

BOOST_AUTO_TEST_CASE(asked_for_twice_in_a_row_it_begins_anew)
{
    state |= kDrainBit;
    remember(SB_DRAIN, kNow - 5'000'000);
    remember(SB_READY, kNow - 4'000'000);
    remember(SB_DRAIN, kNow - 3'000'000);
    BOOST_TEST(noted_us() == kNow - 3'000'000);
    remember(SB_DRAIN, kNow - 2'000'000);
    BOOST_TEST(noted_us() == kNow - 3'000'000);
}

BOOST_AUTO_TEST_CASE(after_its_deadline_the_member_serves_nobody_and_that_is_told)
{
    state |= kDrainBit;
    remember(SB_DRAIN, kNow);
    sb_pick pick{};
    BOOST_TEST(ask_for_it(kNow + 59'999'999, pick) == SB_OK);
    const auto before = shown(kNow + 59'999'999), after = shown(kNow + 60'000'000);
    BOOST_TEST(before.since_us == kNow);
    BOOST_TEST(before.deadline_us == kNow + 60'000'000);
    BOOST_TEST(before.is_overdue == 0u);
    BOOST_TEST(after.is_overdue == 1u);
    BOOST_TEST(ask_for_it(kNow + 60'000'000, pick) == SB_NO_USABLE_MEMBER);
}

BOOST_AUTO_TEST_CASE(lengths_below_nothing_are_refused)
{
    member.drain_deadline_us = -1;
    BOOST_TEST(configure() == SB_INVALID_ARGUMENT);
    member.drain_deadline_us = 0;
    member.drain_idle_s = -1;
    BOOST_TEST(configure() == SB_INVALID_ARGUMENT);
}

BOOST_AUTO_TEST_CASE(an_idle_time_makes_cookies_carry_dates)
{
    sb_pick pick{};
    BOOST_TEST(ask_for_it(kNow, pick) == SB_OK);
    BOOST_TEST(pick.wants_cookie == 0u);
    member.drain_idle_s = 60;
    BOOST_TEST(configure() == SB_OK);
    BOOST_TEST(ask_for_it(kNow, pick) == SB_OK);
    BOOST_TEST(pick.wants_cookie == 1u);
    BOOST_TEST(pick.cookie_issued_s == kNow / 1'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
