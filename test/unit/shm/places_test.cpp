// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <set>

#include "core/shm/gauge_word.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using base::Status;
using shm::kNoPlace;

namespace {

struct Places : test::OneBlock {
    std::uint32_t find(shm::Identity member)
    {
        const shm::RegionLock lock(region);
        return shm::find_place(lock, block, member);
    }
    std::uint32_t take(shm::Identity member)
    {
        const shm::RegionLock lock(region);
        return shm::claim_place(lock, block, member);
    }
    Status release(std::uint32_t place)
    {
        const shm::RegionLock lock(region);
        return shm::release_place(lock, block, place);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(places_test, Places)

BOOST_AUTO_TEST_CASE(a_member_keeps_its_place_and_no_two_have_the_same)
{
    std::set<std::uint32_t> taken;
    for (std::uint64_t member = 1; member <= test::kCapacity; ++member)
        taken.insert(take({member, 3}));  // all of them begin to look at one place
    BOOST_TEST(taken.size() == test::kCapacity);
    BOOST_TEST(taken.count(kNoPlace) == 0u);
    for (std::uint64_t member = 1; member <= test::kCapacity; ++member) {
        BOOST_TEST(find({member, 3}) == take({member, 3}));
        BOOST_TEST(block.slot(find({member, 3})).record.identity.high == member);
    }
}

BOOST_AUTO_TEST_CASE(one_more_than_there_is_room_for_gets_none)
{
    for (std::uint64_t member = 1; member <= test::kCapacity; ++member)
        take({member, member});
    BOOST_TEST(take({99, 99}) == kNoPlace);
    BOOST_TEST(find({99, 99}) == kNoPlace);
}

BOOST_AUTO_TEST_CASE(nobody_has_the_identity_of_zero)
{
    BOOST_TEST(take({0, 0}) == kNoPlace);
    BOOST_TEST(find({0, 0}) == kNoPlace);
}

BOOST_AUTO_TEST_CASE(who_was_placed_behind_a_released_place_is_still_found)
{
    const auto first = take({1, 3}), second = take({2, 3});
    BOOST_TEST(release(first) == Status::kOk);
    BOOST_TEST(find({1, 3}) == kNoPlace);
    BOOST_TEST(find({2, 3}) == second);
    BOOST_TEST(take({2, 3}) == second);
    BOOST_TEST(take({3, 3}) == first);
}

BOOST_AUTO_TEST_CASE(a_new_member_finds_nothing_of_the_one_that_was_there)
{
    const auto place = take({1, 3});
    block.load(place).sessions.store(5);
    block.load(place).response_time.store(6);
    block.totals(place).retried.store(7);
    block.load(place).active.store(8);
    block.load(place).decayed_us.store(10);
    block.slot(place).started_us.store(11);
    block.slot(place).actual.publish(9);
    BOOST_TEST(release(place) == Status::kOk);
    BOOST_TEST_REQUIRE(take({2, 3}) == place);
    BOOST_TEST(block.load(place).sessions.load() == 0u);
    BOOST_TEST(block.load(place).response_time.load() == 0u);
    BOOST_TEST(block.totals(place).retried.load() == 0u);
    BOOST_TEST(block.load(place).active.load() == 0u);
    BOOST_TEST(block.load(place).decayed_us.load() == 0);
    BOOST_TEST(block.slot(place).started_us.load() == 0);
    BOOST_TEST(block.slot(place).actual.acquire() == 0u);
}

BOOST_AUTO_TEST_CASE(a_place_is_kept_while_somebody_is_there)
{
    const auto place = take({1, 3});
    const auto attempt = gauges().begin(place);
    BOOST_TEST(release(place) == Status::kBusy);
    gauges().end(attempt);
    gauges().begin_connecting(place);
    BOOST_TEST(release(place) == Status::kBusy);
    gauges().end_connecting(place);
    BOOST_TEST(release(place) == Status::kOk);
    BOOST_TEST(release(99) == Status::kInvalidArgument);
}

BOOST_AUTO_TEST_SUITE_END()
