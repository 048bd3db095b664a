// SPDX-License-Identifier: Apache-2.0
//
// What was counted of a balancer does not fall when members go.
#include <boost/test/unit_test.hpp>

#include "core/abi/handles.hpp"
#include "test/unit/support/abi.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

struct Summing : OneMember {
    sb_totals totals() const
    {
        sb_totals out{};
        out.struct_size = sizeof(out);
        BOOST_TEST(sb_balancer_totals(balancer, &out) == SB_OK);
        return out;
    }
    void count()
    {
        sb_pick pick{};
        pick.struct_size = sizeof(pick);
        pick.cause = SB_CAUSE_COOKIE;
        pick.cookie_state = 'V';
        sb_balancer_count_attempt(balancer, member.place, &pick, 1);
        sb_balancer_count_attempt(balancer, member.place, &pick, 2);
        sb_balancer_count_failure(balancer, member.place, SB_FAILED_TIMEOUT);
        sb_balancer_count_wait(balancer, member.place, 7, 1);
        balancer->block.slot(member.place).probes_passed.fetch_add(3);
        balancer->block.slot(member.place).probes_failed.fetch_add(5);
    }
    std::uint32_t release()
    {
        std::uint32_t released = 0;
        BOOST_TEST(sb_member_keep(region, block, nullptr, 0, &released) == SB_OK);
        return released;
    }
};

void expect(const sb_totals &totals, std::uint64_t times)
{
    BOOST_TEST(totals.requests.by_cause[SB_CAUSE_COOKIE] == 2 * times);
    BOOST_TEST(totals.requests.by_cookie[SB_COOKIE_VALID] == times);
    BOOST_TEST(totals.requests.failures[SB_FAILED_TIMEOUT] == times);
    BOOST_TEST(totals.requests.retried == times);
    BOOST_TEST(totals.requests.queue_waits == times);
    BOOST_TEST(totals.requests.queue_us == 7 * times);
    BOOST_TEST(totals.requests.queue_lost == times);
    BOOST_TEST(totals.checks_passed == 3 * times);
    BOOST_TEST(totals.checks_failed == 5 * times);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(balancer_totals_test, Summing)

BOOST_AUTO_TEST_CASE(they_are_those_of_all_members)
{
    expect(totals(), 0);
    count();
    expect(totals(), 1);
}

BOOST_AUTO_TEST_CASE(what_members_did_that_are_no_more_stays)
{
    count();
    BOOST_TEST_REQUIRE(release() == 1u);
    expect(totals(), 1);
    for (const auto *url : {"http://x:1", "http://y:1"})  // one of them takes its place
        claim(url);
    expect(totals(), 1);
    BOOST_TEST(release() == 2u);
    expect(totals(), 1);
}

BOOST_AUTO_TEST_CASE(who_comes_back_begins_anew_and_adds_to_them)
{
    count();
    BOOST_TEST_REQUIRE(release() == 1u);
    member.place = claim("http://a:1");
    sb_member_totals its{};
    its.struct_size = sizeof(its);
    BOOST_TEST(sb_balancer_member_totals(balancer, member.place, &its) == SB_OK);
    BOOST_TEST(its.by_cause[SB_CAUSE_COOKIE] == 0u);
    count();
    expect(totals(), 2);
}

BOOST_AUTO_TEST_CASE(they_end_with_the_balancer)
{
    count();
    BOOST_TEST_REQUIRE(release() == 1u);
    shm::Block released;
    BOOST_TEST_REQUIRE(region->region.block_at(block, released));
    region->region.release_block(shm::RegionLock(region->region), released);
    expect(totals(), 0);
}

BOOST_AUTO_TEST_CASE(a_struct_of_another_size_is_refused)
{
    sb_totals out{};
    out.struct_size = sizeof(out) - 1;
    BOOST_TEST(sb_balancer_totals(balancer, &out) == SB_INVALID_ARGUMENT);
}

BOOST_AUTO_TEST_SUITE_END()
