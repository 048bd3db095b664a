// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <thread>

#include "core/shm/record.hpp"
#include "test/unit/support/region.hpp"

using namespace stickybalancer;
using shm::RegionFault;
using test::kBalancer;
using test::kCapacity;
using test::kGeometry;
using test::Memory;

namespace {

struct Region : test::OneBlock {
    shm::MemberRecord record_of(const char *url)
    {
        shm::MemberRecord record{};
        record.identity = {1, 2};
        record.use = shm::PlaceUse::kInUse;
        record.requested = shm::Requested::kDrain;
        record.is_run_time_member = 1;
        record.in_force.weight_hundredths = 500;
        BOOST_TEST_REQUIRE(record.url.assign(url));
        return record;
    }
    void write(std::uint32_t place, const shm::MemberRecord &record)
    {
        const shm::RegionLock lock(region);
        region.write_record(lock, block, place, record);
    }
    shm::MemberRecord read(std::uint32_t place)
    {
        const shm::RegionLock lock(region);
        return region.read_record(lock, block, place);
    }
    // The host finds the file again, and nobody else has it.
    shm::Region::Restarted restart()
    {
        const auto attached = attach();
        BOOST_TEST_REQUIRE(attached.fault == RegionFault::kNone);
        region = attached.region;
        const auto restarted = region.restart();
        BOOST_TEST_REQUIRE(region.find_block(kBalancer, block));
        return restarted;
    }
    shm::Journal &journal()
    {
        return *reinterpret_cast<shm::Journal *>(bytes.get() + sizeof(shm::RegionHeader));
    }
    // As a writer that was killed while it copied the record into its slot.
    void leave_in_journal(std::uint32_t place, shm::MemberRecord record)
    {
        record.check = shm::record_check(record);
        journal().record = record;
        journal().target.publish(block.offset() + block.plan().slots + place * 1024);
        std::memset(static_cast<void *>(&block.slot(place).record), 0x55, 500);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(region_test, Region)

BOOST_AUTO_TEST_CASE(a_region_is_a_header_a_journal_and_its_processes)
{
    BOOST_TEST(shm::region_bytes({1, 1}) == 192u + 1024 + 64 + 64);
    BOOST_TEST(shm::region_bytes({256, 64}) == 192u + 1024 + 256 * 65 * 64);
}

BOOST_AUTO_TEST_CASE(only_what_a_fresh_region_needs_is_written_in_it)
{
    const Memory fresh(shm::region_bytes(kGeometry) + 64, 0x5A);
    BOOST_TEST(shm::format(fresh.bytes.get(), fresh.size_bytes, kGeometry, {3, 5}) ==
               RegionFault::kNone);
    const auto waiters = shm::region_bytes(kGeometry) - 4 * 6 * 64;
    for (auto at = waiters; at < fresh.size_bytes; ++at)
        BOOST_TEST_REQUIRE(std::to_integer<int>(fresh.bytes.get()[at]) == 0x5A);
    BOOST_TEST(fresh.header().hash_key[0] == 3u);
    BOOST_TEST(fresh.header().hash_key[1] == 5u);
}

BOOST_AUTO_TEST_CASE(a_new_block_leaves_the_rows_of_gauges_of_free_slots_alone)
{
    const auto before = shm::region_bytes(kGeometry);
    const Memory fresh(before + shm::block_bytes(kCapacity, kGeometry), 0x5A);
    shm::format(fresh.bytes.get(), fresh.size_bytes, kGeometry, {});
    const auto made = fresh.attach().region;
    const shm::RegionLock lock(made);
    BOOST_TEST_REQUIRE(made.claim_block(lock, kBalancer, kCapacity, block));
    for (auto at = before + block.plan().gauges; at < fresh.size_bytes; ++at)
        BOOST_TEST_REQUIRE(std::to_integer<int>(fresh.bytes.get()[at]) == 0x5A);
    for (auto at = before + block.plan().slots; at < before + block.plan().queues; ++at)
        BOOST_TEST_REQUIRE(std::to_integer<int>(fresh.bytes.get()[at]) == 0);
}

BOOST_AUTO_TEST_CASE(memory_that_is_too_small_or_not_aligned_is_not_formatted)
{
    auto *memory = bytes.get();
    const auto needed = shm::region_bytes(kGeometry);
    BOOST_TEST(shm::format(memory, needed, kGeometry, {}) == RegionFault::kNone);
    BOOST_TEST(shm::format(memory, needed - 1, kGeometry, {}) == RegionFault::kTooSmall);
    BOOST_TEST(shm::format(memory + 32, needed, kGeometry, {}) == RegionFault::kMisaligned);
    BOOST_TEST(shm::format(memory, needed, {0, 1}, {}) == RegionFault::kGeometry);
    BOOST_TEST(shm::format(memory, needed, {1, 0}, {}) == RegionFault::kGeometry);
    BOOST_TEST(shm::format(memory, needed, {shm::kMostProcesses + 1, 1}, {}) ==
               RegionFault::kGeometry);
    BOOST_TEST(shm::attach(memory + 32, needed).fault == RegionFault::kMisaligned);
}

BOOST_AUTO_TEST_CASE(rubbish_zeroes_and_nothing_are_no_region)
{
    BOOST_TEST(Memory(size_bytes, 0xA5).attach().fault == RegionFault::kForeign);
    BOOST_TEST(Memory(size_bytes).attach().fault == RegionFault::kForeign);
    BOOST_TEST(Memory(64).attach().fault == RegionFault::kTooSmall);
    BOOST_TEST(shm::attach(nullptr, 0).fault == RegionFault::kTooSmall);
}

BOOST_AUTO_TEST_CASE(a_header_that_is_wrong_in_any_field_is_refused_by_the_name_of_the_field)
{
    const auto fault_with = [this](auto change) {
        const Memory copy(*this);
        change(copy.header());
        return copy.attach().fault;
    };
    using Header = shm::RegionHeader;
    BOOST_TEST(fault_with([](Header &h) { h.magic ^= 1; }) == RegionFault::kForeign);
    BOOST_TEST(fault_with([](Header &h) { h.magic = __builtin_bswap64(h.magic); }) ==
               RegionFault::kByteOrder);
    BOOST_TEST(fault_with([](Header &h) { h.byte_order = 0x0201; }) == RegionFault::kByteOrder);
    BOOST_TEST(fault_with([](Header &h) { ++h.major; }) == RegionFault::kVersion);
    BOOST_TEST(fault_with([](Header &h) { h.fingerprint ^= 1; }) == RegionFault::kFingerprint);
    BOOST_TEST(fault_with([](Header &h) { h.process_count = 0; }) == RegionFault::kGeometry);
    BOOST_TEST(fault_with([](Header &h) { h.process_count = 0xFFFFFFFF; }) ==
               RegionFault::kGeometry);
    BOOST_TEST(fault_with([](Header &h) { h.waiter_count = 0; }) == RegionFault::kGeometry);
    BOOST_TEST(fault_with([](Header &h) { h.waiter_count = 0xFFFF; }) == RegionFault::kGeometry);
    BOOST_TEST(fault_with([](Header &h) { ++h.process_count; }) == RegionFault::kBlock);
    BOOST_TEST(fault_with([](Header &h) { h.used_bytes.publish_add(1); }) ==
               RegionFault::kTruncated);
    BOOST_TEST(fault_with([](Header &h) { h.used_bytes.publish(64); }) == RegionFault::kTruncated);
    BOOST_TEST(fault_with([](Header &h) { h.used_bytes.publish(~std::uint64_t{0}); }) ==
               RegionFault::kTruncated);
    BOOST_TEST(fault_with([](Header &h) { h.minor = 7; }) == RegionFault::kNone);
    BOOST_TEST(fault_with([](Header &) {}) == RegionFault::kNone);
}

BOOST_AUTO_TEST_CASE(a_block_that_is_not_what_it_says_is_refused)
{
    const auto fault_with = [this](auto change) {
        const Memory copy(*this);
        change(*reinterpret_cast<shm::BalancerState *>(copy.bytes.get() + block.offset()));
        return copy.attach().fault;
    };
    using State = shm::BalancerState;
    BOOST_TEST(fault_with([](State &s) { ++s.capacity; }) == RegionFault::kBlock);
    BOOST_TEST(fault_with([](State &s) { s.capacity = 0; }) == RegionFault::kBlock);
    BOOST_TEST(fault_with([](State &s) { s.capacity = 0xFFFFFFFF; }) == RegionFault::kBlock);
    BOOST_TEST(fault_with([](State &s) { s.block_bytes += 64; }) == RegionFault::kBlock);
    BOOST_TEST(fault_with([](State &s) { s.block_bytes = 0; }) == RegionFault::kBlock);
    BOOST_TEST(fault_with([](State &) {}) == RegionFault::kNone);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_cut_anywhere_is_refused)
{
    for (std::size_t length = 0; length < size_bytes; length += 61)
        BOOST_TEST_REQUIRE((shm::attach(bytes.get(), length).fault != RegionFault::kNone));
    BOOST_TEST(shm::attach(bytes.get(), size_bytes - 1).fault == RegionFault::kTruncated);
}

BOOST_AUTO_TEST_CASE(every_fault_has_a_name_of_its_own)
{
    std::set<std::string> names;
    for (int fault = 0; fault <= static_cast<int>(RegionFault::kNoLock); ++fault)
        names.insert(shm::fault_name(static_cast<RegionFault>(fault)));
    BOOST_TEST(names.size() == 11u);
}

BOOST_AUTO_TEST_CASE(a_balancer_finds_its_block_again_and_a_second_one_needs_room)
{
    shm::Block again;
    BOOST_TEST(attach().region.find_block(kBalancer, again));
    BOOST_TEST(again.offset() == block.offset());
    BOOST_TEST(again.capacity() == kCapacity);
    const shm::RegionLock lock(region);
    BOOST_TEST(region.claim_block(lock, kBalancer, kCapacity, again));
    BOOST_TEST(again.offset() == block.offset());
    BOOST_TEST(!region.claim_block(lock, {8, 8}, 1, again));
    BOOST_TEST(!region.claim_block(lock, {0, 0}, 1, again));
    BOOST_TEST(!region.claim_block(lock, {8, 8}, 0, again));
    BOOST_TEST(!region.find_block({8, 8}, again));
}

BOOST_AUTO_TEST_CASE(an_older_process_goes_on_while_the_file_grows)
{
    const auto added = shm::block_bytes(2, kGeometry);
    const Memory longer(size_bytes + added);
    std::memcpy(longer.bytes.get(), bytes.get(), size_bytes);
    shm::init_lock(longer.header().lock);
    const auto older = shm::attach(longer.bytes.get(), size_bytes).region;
    const auto newer = longer.attach().region;
    shm::Block second;
    {
        const shm::RegionLock lock(newer);
        BOOST_TEST(newer.claim_block(lock, {8, 8}, 2, second));
    }
    BOOST_TEST(second.offset() == size_bytes);
    shm::Block found;
    BOOST_TEST(older.find_block(kBalancer, found));
    BOOST_TEST(!older.find_block({8, 8}, found));
    BOOST_TEST(longer.attach().region.find_block({8, 8}, found));
    BOOST_TEST(shm::attach(longer.bytes.get(), size_bytes).fault == RegionFault::kTruncated);
}

BOOST_AUTO_TEST_CASE(a_released_block_is_empty_and_serves_another_balancer)
{
    write(1, record_of("http://a"));
    block.totals(1).retried.store(7);
    block.state().refused_cookies[3].store(9);
    const shm::RegionLock lock(region);
    region.release_block(lock, block);
    shm::Block other;
    BOOST_TEST(!region.find_block(kBalancer, other));
    BOOST_TEST(region.claim_block(lock, {8, 8}, kCapacity - 1, other));
    BOOST_TEST(other.offset() == block.offset());
    BOOST_TEST(other.capacity() == kCapacity);
    BOOST_TEST(region.read_record(lock, other, 1).is_run_time_member == 0u);
    BOOST_TEST(other.totals(1).retried.load() == 0u);
    BOOST_TEST(other.state().refused_cookies[3].load() == 0u);
}

BOOST_AUTO_TEST_CASE(a_restart_keeps_what_operators_said_and_drops_what_requests_had)
{
    write(1, record_of("http://127.0.0.1:13001"));
    gauges(0, true).begin(1);
    block.totals(1).retried.store(70);
    block.load(1).sessions.store(30);
    block.queue(1).waiting.store(3);
    block.state().refused_cookies[2].store(4);
    pthread_mutex_lock(&block.queue(1).lock.mutex);  // and its holder is no more
    BOOST_TEST(restart().dropped_records == 0u);
    BOOST_TEST(read(1).url.view() == "http://127.0.0.1:13001");
    BOOST_TEST(read(1).requested == shm::Requested::kDrain);
    BOOST_TEST(read(1).in_force.weight_hundredths == 500u);
    BOOST_TEST(read(1).is_run_time_member == 1u);
    BOOST_TEST(block.totals(1).retried.load() == 70u);
    BOOST_TEST(block.load(1).sessions.load() == 30u);
    BOOST_TEST(block.state().refused_cookies[2].load() == 4u);
    BOOST_TEST(block.load(1).active.load() == 0u);
    BOOST_TEST(block.state().total_active.load() == 0u);
    BOOST_TEST(block.queue(1).waiting.load() == 0u);
    BOOST_TEST(active(1) == 0u);
    BOOST_TEST(capacity::find_process(region, 1000) == capacity::kNoProcess);
    const shm::RobustGuard guard(block.queue(1).lock);
    BOOST_TEST(guard.is_held());
}

BOOST_AUTO_TEST_CASE(a_slot_that_is_claimed_after_a_restart_has_nothing_under_way)
{
    gauges().begin(1);
    restart();
    BOOST_TEST(claim(2000) == 0u);
    BOOST_TEST(active(1) == 0u);
}

BOOST_AUTO_TEST_CASE(a_damaged_record_is_dropped_and_counted_and_others_are_found_behind_it)
{
    std::uint32_t first = 0, second = 0;
    {
        const shm::RegionLock lock(region);
        first = shm::claim_place(lock, block, {1, 3});
        second = shm::claim_place(lock, block, {2, 3});
    }
    block.slot(first).record.in_force.set ^= 1;
    BOOST_TEST(restart().dropped_records == 1u);
    const shm::RegionLock lock(region);
    BOOST_TEST(shm::find_place(lock, block, {1, 3}) == shm::kNoPlace);
    BOOST_TEST(shm::find_place(lock, block, {2, 3}) == second);
}

BOOST_AUTO_TEST_CASE(a_record_whose_writer_was_killed_is_finished_at_a_restart)
{
    write(1, record_of("http://old"));
    leave_in_journal(1, record_of("http://new"));
    BOOST_TEST(restart().dropped_records == 0u);
    BOOST_TEST(read(1).url.view() == "http://new");
    BOOST_TEST(journal().target.acquire() == 0u);
}

BOOST_AUTO_TEST_CASE(a_record_whose_writer_was_killed_is_finished_by_the_next_who_takes_the_lock)
{
    write(1, record_of("http://old"));
    std::thread([this] {
        pthread_mutex_lock(&header().lock.mutex);
        leave_in_journal(1, record_of("http://new"));
    }).join();
    BOOST_TEST(read(1).url.view() == "http://new");
    BOOST_TEST(shm::is_sound(block.slot(1).record));
}

BOOST_AUTO_TEST_CASE(a_journal_that_leads_nowhere_or_is_damaged_is_dropped)
{
    write(1, record_of("http://old"));
    const auto slots = block.offset() + block.plan().slots;
    for (const std::uint64_t target : {std::uint64_t{8}, slots - 1024, slots + 512,
                                       slots + kCapacity * 1024, ~std::uint64_t{0}}) {
        journal().record = record_of("http://new");
        journal().record.check = shm::record_check(journal().record);
        journal().target.publish(target);
        BOOST_TEST(restart().dropped_records == 0u);
        BOOST_TEST(read(1).url.view() == "http://old");
    }
    journal().record = record_of("http://new");
    journal().target.publish(slots + 1024);
    restart();
    BOOST_TEST(read(1).url.view() == "http://old");
}

BOOST_AUTO_TEST_SUITE_END()
