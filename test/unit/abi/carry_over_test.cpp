// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/abi/carry_over.hpp"
#include "core/shm/actual_state.hpp"
#include "core/shm/places.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using stickybalancer::abi::bytes_to_carry_over;
using stickybalancer::abi::carry_over;
using test::kBalancer;
using test::kCapacity;
using test::kGeometry;

namespace {

constexpr shm::Geometry kLarger{40, 60};
constexpr shm::Identity kOther{8, 12}, kMember{3, 4}, kNobody{5, 9};

// Two balancers, and between them a block that is nobody's; a member at each of the two.
struct Earlier {
    test::Memory memory{shm::region_bytes(kGeometry) + 3 * shm::block_bytes(kCapacity, kGeometry) +
                        shm::block_bytes(kCapacity + 1, kGeometry)};  // and room for a larger one
    shm::Region region;
    shm::Block block, free, other;

    Earlier()
    {
        BOOST_TEST_REQUIRE(shm::format(memory.bytes.get(), memory.size_bytes, kGeometry, {3, 5}) ==
                           shm::RegionFault::kNone);
        region = memory.attach().region;
        const shm::RegionLock lock(region);
        BOOST_TEST_REQUIRE(region.claim_block(lock, kBalancer, kCapacity, block));
        BOOST_TEST_REQUIRE(region.claim_block(lock, kNobody, kCapacity, free));
        BOOST_TEST_REQUIRE(region.claim_block(lock, kOther, kCapacity, other));
        region.release_block(lock, free);
        write(lock, block, 104);
        write(lock, other, 107);
    }
    void write(const shm::RegionLock &lock, const shm::Block &to, std::uint32_t weight)
    {
        const auto place = shm::claim_place(lock, to, kMember);
        auto record = region.read_record(lock, to, place);
        record.requested = shm::Requested::kStopped;
        record.in_force.weight_hundredths = weight;
        region.write_record(lock, to, place, record);
    }
    std::size_t needed() const { return bytes_to_carry_over(region, kLarger); }
};

struct Fresh {
    test::Memory memory;
    shm::Region region;

    explicit Fresh(std::size_t size) : memory(size)
    {
        BOOST_TEST_REQUIRE(shm::format(memory.bytes.get(), memory.size_bytes, kLarger, {1, 2}) ==
                           shm::RegionFault::kNone);
        region = memory.attach().region;
    }
    bool take_from(const Earlier &earlier)
    {
        const shm::RegionLock from(earlier.region), to(region);
        return carry_over(from, to);
    }
    shm::MemberSlot &slot_of(const shm::Identity &balancer, shm::Block &block)
    {
        BOOST_TEST_REQUIRE(region.find_block(balancer, block));
        const shm::RegionLock lock(region);
        const auto place = shm::find_place(lock, block, kMember);
        BOOST_TEST_REQUIRE(place < block.capacity());
        return block.slot(place);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(carry_over_test, Earlier)

BOOST_AUTO_TEST_CASE(every_balancer_is_taken_over_and_nothing_else)
{
    Fresh fresh(needed());
    BOOST_TEST(fresh.take_from(*this));
    BOOST_TEST(needed() == shm::region_bytes(kLarger) + 2 * shm::block_bytes(kCapacity, kLarger));
    BOOST_TEST(fresh.region.header().used_bytes.acquire() == needed());
    BOOST_TEST((fresh.memory.attach().fault == shm::RegionFault::kNone));
    shm::Block found;
    BOOST_TEST(fresh.slot_of(kBalancer, found).record.in_force.weight_hundredths == 104u);
    BOOST_TEST(fresh.slot_of(kOther, found).record.in_force.weight_hundredths == 107u);
    BOOST_TEST((fresh.slot_of(kOther, found).record.requested == shm::Requested::kStopped));
    BOOST_TEST(!fresh.region.find_block(kNobody, found));
}

BOOST_AUTO_TEST_CASE(states_and_counters_go_with_a_member_and_what_is_under_way_does_not)
{
    for (std::uint32_t place = 0; place < kCapacity; ++place) {
        shm::change_actual(block.slot(place), shm::Actual::kDown, shm::Reason::kReset, {5'000});
        block.load(place).sessions.store(8);
        block.load(place).active.store(10);
    }
    block.state().refused_cookies[3].store(11);
    block.state().pins_until_us.store(12);
    block.state().pins_made_from_s.store(16);
    block.state().pins_made_to_s.store(17);
    block.removed_totals().retried.store(13);
    block.state().removed_checks_passed.store(14);
    block.state().removed_checks_failed.store(15);
    Fresh fresh(needed());
    BOOST_TEST_REQUIRE(fresh.take_from(*this));
    shm::Block found;
    const auto state = shm::actual_state(fresh.slot_of(kBalancer, found));
    BOOST_TEST((state == shm::ActualState{shm::Actual::kDown, shm::Reason::kReset, 5}));
    const shm::RegionLock lock(fresh.region);
    const auto place = shm::find_place(lock, found, kMember);
    BOOST_TEST(found.load(place).sessions.load() == 8u);
    BOOST_TEST(found.load(place).active.load() == 0u);
    BOOST_TEST(found.state().refused_cookies[3].load() == 11u);
    BOOST_TEST(found.state().pins_until_us.load() == 12);
    BOOST_TEST(found.state().pins_made_from_s.load() == 16);
    BOOST_TEST(found.state().pins_made_to_s.load() == 17);
    BOOST_TEST(found.removed_totals().retried.load() == 13u);
    BOOST_TEST(found.state().removed_checks_passed.load() == 14u);
    BOOST_TEST(found.state().removed_checks_failed.load() == 15u);
}

// A kill may leave both names (grown_block.hpp); what was counted counts once.
BOOST_AUTO_TEST_CASE(of_two_blocks_of_one_name_the_larger_is_taken_over)
{
    block.removed_totals().retried.store(13);
    {
        const shm::RegionLock lock(region);
        shm::Block grown;
        BOOST_TEST_REQUIRE(region.claim_block(lock, {5, 10}, kCapacity + 1, grown));
        carry_over(lock, block, lock, grown);
        grown.state().identity = kBalancer;
    }
    Fresh fresh(needed());
    BOOST_TEST_REQUIRE(fresh.take_from(*this));
    shm::Block found;
    fresh.slot_of(kBalancer, found);
    BOOST_TEST(found.capacity() == kCapacity + 1);
    BOOST_TEST(found.removed_totals().retried.load() == 13u);
}

BOOST_AUTO_TEST_CASE(of_a_member_that_finds_no_place_the_counters_stay)
{
    const shm::RegionLock lock(region);
    const auto place = shm::find_place(lock, block, kMember);
    block.totals(place).queue_waits.store(16);
    block.slot(place).probes_failed.store(17);
    BOOST_TEST_REQUIRE(shm::release_place(lock, other, shm::find_place(lock, other, kMember)) ==
                       base::Status::kOk);
    for (std::uint64_t i = 0; i < kCapacity; ++i)
        BOOST_TEST_REQUIRE(shm::claim_place(lock, other, {100 + i, i}) != shm::kNoPlace);
    carry_over(lock, block, lock, other);
    BOOST_TEST(other.removed_totals().queue_waits.load() == 16u);
    BOOST_TEST(other.state().removed_checks_failed.load() == 17u);
}

BOOST_AUTO_TEST_CASE(digests_keep_their_key)
{
    Fresh fresh(needed());
    BOOST_TEST_REQUIRE(fresh.take_from(*this));
    BOOST_TEST(fresh.region.header().hash_key[0] == 3u);
    BOOST_TEST(fresh.region.header().hash_key[1] == 5u);
}

BOOST_AUTO_TEST_CASE(without_room_it_says_so)
{
    Fresh fresh(needed() - 64);
    BOOST_TEST(!fresh.take_from(*this));
    BOOST_TEST((fresh.memory.attach().fault == shm::RegionFault::kNone));
}

BOOST_AUTO_TEST_SUITE_END()
