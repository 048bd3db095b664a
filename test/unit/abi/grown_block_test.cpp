// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "core/abi/grown_block.hpp"
#include "core/shm/actual_state.hpp"
#include "core/shm/places.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using stickybalancer::abi::grow_block;
using stickybalancer::abi::kGrowing;
using stickybalancer::abi::kOutgrown;
using stickybalancer::abi::release_outgrown;
using test::kBalancer;
using test::kCapacity;
using test::kGeometry;

namespace {

constexpr std::uint32_t kMore = 20;
constexpr shm::Identity kMember{3, 4}, kOther{5, 9};  // the second is found behind the first

// A block of five places, full, and room for two larger ones.
struct Growing {
    test::Memory memory;
    shm::Region region;
    shm::Block block;

    Growing()
        : memory(shm::region_bytes(kGeometry) + shm::block_bytes(kCapacity, kGeometry) +
                 2 * shm::block_bytes(kMore, kGeometry))
    {
        BOOST_TEST_REQUIRE(shm::format(memory.bytes.get(), memory.size_bytes, kGeometry, {3, 5}) ==
                           shm::RegionFault::kNone);
        region = memory.attach().region;
        const shm::RegionLock lock(region);
        BOOST_TEST_REQUIRE(region.claim_block(lock, kBalancer, kCapacity, block));
        for (const auto &member : {kMember, kOther})
            write(lock, member, 100 + static_cast<std::uint32_t>(member.low));
    }
    void write(const shm::RegionLock &lock, const shm::Identity &member, std::uint32_t weight)
    {
        const auto place = shm::claim_place(lock, block, member);
        auto record = region.read_record(lock, block, place);
        record.requested = shm::Requested::kDrain;
        record.in_force.weight_hundredths = weight;
        region.write_record(lock, block, place, record);
    }
    std::uint32_t place_of(const shm::Block &in, const shm::Identity &member)
    {
        const shm::RegionLock lock(region);
        return shm::find_place(lock, in, member);
    }
    bool grow()
    {
        const shm::RegionLock lock(region);
        return grow_block(lock, kMore, block);
    }
    std::vector<shm::Identity> names()
    {
        std::vector<shm::Identity> found;
        region.each_block([&](const shm::Block &each) {
            found.push_back(each.state().identity);
            return true;
        });
        return found;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(grown_block_test, Growing)

BOOST_AUTO_TEST_CASE(what_outlives_processes_goes_into_the_larger_block)
{
    const auto before = block;
    const auto old_place = place_of(block, kOther);
    shm::change_actual(block.slot(old_place), shm::Actual::kDown, shm::Reason::kReset, {5'000});
    block.slot(old_place).started_us.store(6);
    block.totals(old_place).retried.store(7);
    block.load(old_place).sessions.store(8);
    block.load(old_place).response_time.store(9);
    block.load(old_place).active.store(10);
    block.state().refused_cookies[3].store(11);

    BOOST_TEST_REQUIRE(grow());
    BOOST_TEST(block.capacity() == kMore);
    BOOST_TEST(block.offset() != before.offset());
    const auto place = place_of(block, kOther);
    BOOST_TEST_REQUIRE(place < kMore);
    const auto &record = block.slot(place).record;
    BOOST_TEST(record.in_force.weight_hundredths == 109u);
    BOOST_TEST((record.requested == shm::Requested::kDrain));
    const auto state = shm::actual_state(block.slot(place));
    BOOST_TEST((state == shm::ActualState{shm::Actual::kDown, shm::Reason::kReset, 5}));
    BOOST_TEST(block.slot(place).started_us.load() == 6);
    BOOST_TEST(block.totals(place).retried.load() == 7u);
    BOOST_TEST(block.load(place).sessions.load() == 8u);
    BOOST_TEST(block.load(place).response_time.load() == 9u);
    BOOST_TEST(block.load(place).active.load() == 0u);  // is under way at the earlier place
    BOOST_TEST(block.state().refused_cookies[3].load() == 11u);
    BOOST_TEST(block.slot(place_of(block, kMember)).record.in_force.weight_hundredths == 104u);
    BOOST_TEST(before.load(old_place).active.load() == 10u);
}

BOOST_AUTO_TEST_CASE(the_larger_block_is_the_balancers_and_the_earlier_one_nobodys)
{
    BOOST_TEST_REQUIRE(grow());
    BOOST_TEST((names() == std::vector{kOutgrown, kBalancer}));
    shm::Block found;
    BOOST_TEST(region.find_block(kBalancer, found));
    BOOST_TEST(found.offset() == block.offset());
    BOOST_TEST((memory.attach().fault == shm::RegionFault::kNone));
}

BOOST_AUTO_TEST_CASE(without_room_everything_stays_as_it_was)
{
    const auto before = block.offset();
    const shm::RegionLock lock(region);
    BOOST_TEST(!grow_block(lock, 1000, block));
    BOOST_TEST(block.offset() == before);
    BOOST_TEST((names() == std::vector{kBalancer}));
}

BOOST_AUTO_TEST_CASE(an_outgrown_block_is_somebody_elses_after_a_restart)
{
    BOOST_TEST_REQUIRE(grow());
    {
        const shm::RegionLock lock(region);
        release_outgrown(lock);
    }
    BOOST_TEST((names() == std::vector{shm::Identity{}, kBalancer}));
    const shm::RegionLock lock(region);
    shm::Block half, other;
    BOOST_TEST(region.claim_block(lock, kGrowing, kMore, half));  // an attempt that was killed
    release_outgrown(lock);
    BOOST_TEST((names() == std::vector{shm::Identity{}, kBalancer, shm::Identity{}}));
    BOOST_TEST(region.claim_block(lock, {1, 1}, kCapacity, other));
    BOOST_TEST(other.offset() < block.offset());
    BOOST_TEST(shm::find_place(lock, other, kMember) == shm::kNoPlace);
}

BOOST_AUTO_TEST_CASE(an_attempt_that_was_killed_while_it_copied_leaves_nothing_in_the_way)
{
    {
        const shm::RegionLock lock(region);
        shm::Block half;
        BOOST_TEST_REQUIRE(region.claim_block(lock, kGrowing, kMore, half));
        shm::claim_place(lock, half, {77, 77});
    }
    BOOST_TEST_REQUIRE(grow());
    BOOST_TEST((names() == std::vector{kOutgrown, kBalancer}));
    BOOST_TEST(place_of(block, {77, 77}) == shm::kNoPlace);
    BOOST_TEST(place_of(block, kMember) < kMore);
}

BOOST_AUTO_TEST_CASE(an_attempt_that_was_killed_between_the_two_names_is_done_again)
{
    const auto small = block;
    BOOST_TEST_REQUIRE(grow());
    small.state().identity = kBalancer;  // had not lost it yet
    block = small;
    BOOST_TEST_REQUIRE(grow());
    BOOST_TEST((names() == std::vector{kOutgrown, kOutgrown, kBalancer}));
    BOOST_TEST(place_of(block, kOther) < kMore);
}

BOOST_AUTO_TEST_SUITE_END()
