// SPDX-License-Identifier: Apache-2.0
//
// The region and its members, seen from both sides of the C ABI. The calls themselves are tested in C
// (test/abi).
#include <boost/test/unit_test.hpp>

#include <cstring>

#include "core/abi/handles.hpp"
#include "core/overrides/merge.hpp"
#include "test/unit/support/abi.hpp"

using namespace stickybalancer;
using test::AbiRegion;
using test::kAbiGeometry;
using test::number;
using test::str;

namespace {

struct Records : AbiRegion {
    std::uint32_t place = claim("http://a:1");

    shm::MemberRecord record() const
    {
        shm::Block found;
        BOOST_TEST_REQUIRE(region->region.block_at(block, found));
        return found.slot(place).record;
    }
    sb_status remember(const sb_member_config &in_force, sb_requested requested, sb_time_us now_us)
    {
        return sb_member_remember(region, block, place, &in_force, requested, 0, {}, now_us);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(region_test, Records)

BOOST_AUTO_TEST_CASE(requested_states_and_fields_have_the_numbers_of_the_core)
{
    BOOST_TEST(number(shm::Requested::kReady) == SB_READY);
    BOOST_TEST(number(shm::Requested::kDrain) == SB_DRAIN);
    BOOST_TEST(number(shm::Requested::kStopped) == SB_STOPPED);
    BOOST_TEST(number(overrides::kWeight) == SB_FIELD_WEIGHT);
    BOOST_TEST(number(overrides::kSet) == SB_FIELD_SET);
    BOOST_TEST(number(overrides::kState) == SB_FIELD_STATE);
    BOOST_TEST(number(overrides::kRoute) == SB_FIELD_ROUTE);
    BOOST_TEST(number(overrides::kRedirect) == SB_FIELD_REDIRECT);
}

BOOST_AUTO_TEST_CASE(sizes_are_those_that_the_core_lays_out)
{
    BOOST_TEST(sb_region_size(&kAbiGeometry) == shm::region_bytes({2, 4}));
    BOOST_TEST(sb_block_size(&kAbiGeometry, 1000) == shm::block_bytes(1000, {2, 4}));
    BOOST_TEST(sb_region_used(region) == memory.size_bytes);
}

BOOST_AUTO_TEST_CASE(what_is_remembered_is_written_once_and_keeps_the_time_of_the_request)
{
    sb_member_config in_force{};
    in_force.weight = 500;
    BOOST_TEST(remember(in_force, SB_DRAIN, 7) == SB_OK);
    const auto first = record();
    BOOST_TEST(number(first.requested) == SB_DRAIN);
    BOOST_TEST(first.requested_since_us == 7);
    BOOST_TEST(first.in_force.weight_hundredths == 500u);
    BOOST_TEST(remember(in_force, SB_DRAIN, 8) == SB_OK);
    const auto second = record();
    BOOST_TEST(std::memcmp(&first, &second, sizeof(first)) == 0);
    in_force.weight = 600;
    BOOST_TEST(remember(in_force, SB_DRAIN, 9) == SB_OK);
    BOOST_TEST(record().in_force.weight_hundredths == 600u);
    BOOST_TEST(record().requested_since_us == 7);
    BOOST_TEST(remember(in_force, SB_READY, 10) == SB_OK);
    BOOST_TEST(record().requested_since_us == 10);
}

BOOST_AUTO_TEST_CASE(a_requested_state_survives_configuration_and_restart)
{
    sb_member_config config{};
    sb_merge merge{};
    BOOST_TEST(remember(config, SB_STOPPED, 7) == SB_OK);
    BOOST_TEST(sb_member_configure(region, block, place, &config, &merge) == SB_OK);
    std::uint32_t dropped = 9;
    BOOST_TEST(sb_region_restart(region, &dropped) == SB_OK);
    BOOST_TEST(dropped == 0u);
    BOOST_TEST(number(record().requested) == SB_STOPPED);
    BOOST_TEST(record().requested_since_us == 7);
}

BOOST_AUTO_TEST_CASE(a_requested_state_that_is_none_leaves_the_record_sound)
{
    BOOST_TEST(remember({}, static_cast<sb_requested>(3), 7) == SB_INVALID_ARGUMENT);
    std::uint32_t dropped = 9;
    BOOST_TEST(sb_region_restart(region, &dropped) == SB_OK);
    BOOST_TEST(dropped == 0u);
    BOOST_TEST(claim("http://a:1") == place);
}

BOOST_AUTO_TEST_SUITE_END()
