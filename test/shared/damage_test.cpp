// SPDX-License-Identifier: Apache-2.0
//
// Files that somebody damaged. Each is refused, or used as it is: nothing in it leads out of it, or
// into a loop that does not end.
// Caught if: something read from the region is followed before it was checked (a sanitizer sees one
// byte too many: the memory has exactly the file's size).
#include <boost/test/unit_test.hpp>

#include <cstring>
#include <memory>
#include <new>

#include "core/overrides/merge.hpp"
#include "core/shm/actual_state.hpp"
#include "core/shm/places.hpp"
#include "test/shared/battery.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

struct File {
    std::size_t size_bytes;
    std::unique_ptr<std::byte, void (*)(std::byte *)> bytes;

    explicit File(std::size_t size)
        : size_bytes(size),
          bytes(static_cast<std::byte *>(::operator new (size, std::align_val_t{64})),
                [](std::byte *memory) { ::operator delete (memory, std::align_val_t{64}); })
    {
        std::memset(bytes.get(), 0, size);
    }
    File(const File &other, std::size_t size) : File(size)
    {
        std::memcpy(bytes.get(), other.bytes.get(), std::min(size, other.size_bytes));
    }
};

constexpr shm::Geometry kGeometry{3, 4};

// Two balancers, with members, attempts and waiters, as a server that was killed leaves them.
struct Used : File {
    Used()
        : File(shm::region_bytes(kGeometry) + shm::block_bytes(5, kGeometry) +
               shm::block_bytes(9, kGeometry))
    {
        shm::format(bytes.get(), size_bytes, kGeometry, {1, 2});
        const auto region = shm::attach(bytes.get(), size_bytes).region;
        const shm::RegionLock lock(region);
        const auto process = capacity::claim_process(lock, 77, {1});
        for (const std::uint32_t capacity : {5U, 9U}) {
            shm::Block block;
            BOOST_TEST_REQUIRE(region.claim_block(lock, {1, capacity}, capacity, block));
            for (std::uint64_t member = 1; member < capacity; ++member)
                shm::claim_place(lock, block, {member, member * 3});
            const capacity::Entrance entrance({region, block, process, true});
            capacity::Waiting waiting;
            entrance.enter(0, kLimits[0], {1}, waiting);
            entrance.enter(0, kLimits[0], {1}, waiting);
        }
    }
};

void use_block(const shm::RegionLock &lock, const shm::Block &block, std::uint32_t process)
{
    const capacity::Entrance entrance({lock.region(), block, process, true});
    for (std::uint32_t place = 0; place < std::min(block.capacity(), kPlaces); ++place) {
        capacity::Waiting first, second;
        const auto let_in = entrance.enter(place, kLimits[place], {5}, first);
        const auto next = entrance.enter(place, kLimits[place], {6}, second);
        if (let_in.verdict == capacity::Verdict::kAdmitted)
            entrance.end(let_in.attempt);
        if (next.verdict == capacity::Verdict::kWait)
            entrance.look(kLimits[place], {7'000'000}, second);
        if (second.record != nullptr)
            entrance.leave(kLimits[place], second);
        const auto record = lock.region().read_record(lock, block, place);
        overrides::merge(record.configured, record.in_force, record.configured);
        shm::change_actual(block.slot(place), shm::Actual::kDown, shm::Reason::kStatus, {8});
        shm::find_place(lock, block, {place, place});
        shm::claim_place(lock, block, {100 + place, place});
        shm::release_place(lock, block, place);
    }
    capacity::reconcile(lock, block, 0, block.capacity() + 1);
}

// What a server does with a file that it finds. True: it takes it.
bool is_taken_and_used(const File &file)
{
    const auto attached = shm::attach(file.bytes.get(), file.size_bytes);
    if (attached.fault != shm::RegionFault::kNone)
        return false;
    const auto &region = attached.region;
    if (region.restart().fault != shm::RegionFault::kNone)
        return false;
    const shm::RegionLock lock(region);
    const auto process = capacity::claim_process(lock, 88, {4});
    region.each_block([&](const shm::Block &block) {
        use_block(lock, block, process);
        return true;
    });
    capacity::Wakes wakes;
    capacity::reclaim(lock, process, wakes);
    return shm::attach(file.bytes.get(), file.size_bytes).fault == shm::RegionFault::kNone;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(damage_test, Used)

BOOST_AUTO_TEST_CASE(an_undamaged_file_is_taken)
{
    BOOST_TEST(is_taken_and_used(File(*this, size_bytes)));
}

BOOST_AUTO_TEST_CASE(a_file_that_grew_is_taken)
{
    BOOST_TEST(is_taken_and_used(File(*this, size_bytes + 4096)));
}

BOOST_AUTO_TEST_CASE(every_byte_of_the_header_may_be_wrong)
{
    std::size_t refused = 0;
    // Magic, major, byte order, waiters, fingerprint, processes, used bytes; not minor, and not
    // what is free to be anything.
    for (std::size_t at = 0; at < sizeof(shm::RegionHeader); ++at)
        for (const int bit : {0, 3, 7}) {
            const File file(*this, size_bytes);
            file.bytes.get()[at] ^= std::byte{1} << bit;
            const bool is_taken = is_taken_and_used(file);
            refused += is_taken ? 0 : 1;
            const bool must_be_refused = at < 10 || (at >= 12 && at < 28) || (at >= 48 && at < 56);
            BOOST_TEST_REQUIRE((!must_be_refused || !is_taken), "byte " << at << " bit " << bit);
        }
    BOOST_TEST(refused < 3 * sizeof(shm::RegionHeader));
}

BOOST_AUTO_TEST_CASE(every_section_may_be_cut)
{
    for (std::size_t size = 0; size < size_bytes; size += 64)
        BOOST_TEST_REQUIRE(!is_taken_and_used(File(*this, size)));
    BOOST_TEST(!is_taken_and_used(File(*this, size_bytes - 1)));
}

BOOST_AUTO_TEST_CASE(every_line_may_be_zero_or_all_ones)
{
    for (std::size_t at = 0; at < size_bytes; at += 64)
        for (const int fill : {0, 0xFF}) {
            const File file(*this, size_bytes);
            std::memset(file.bytes.get() + at, fill, 64);
            const bool is_taken = is_taken_and_used(file);
            BOOST_TEST_REQUIRE((at != 0 || !is_taken));
        }
}

BOOST_AUTO_TEST_CASE(bits_may_flip_anywhere)
{
    Random random{2024};
    std::uint32_t taken = 0;
    for (int round = 0; round < 5000; ++round) {
        const File file(*this, size_bytes);
        const auto flips = 1 + random.below(64);
        for (std::uint32_t flip = 0; flip < flips; ++flip)
            file.bytes.get()[random.below(static_cast<std::uint32_t>(size_bytes))] ^=
                std::byte{1} << random.below(8);
        taken += is_taken_and_used(file) ? 1 : 0;
    }
    BOOST_TEST(taken > 0u);
    BOOST_TEST(taken < 5000u);
}

BOOST_AUTO_TEST_SUITE_END()
