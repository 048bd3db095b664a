// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "core/shm/region.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using base::Status;

namespace {

// Memory as a host would map it, of exactly the size of a region for two balancers, full of
// rubbish.
struct Memory {
    std::size_t size_bytes = shm::region_size(2);
    std::unique_ptr<std::byte, void (*)(std::byte *)> bytes{
        static_cast<std::byte *>(::operator new (size_bytes, std::align_val_t{64})),
        [](std::byte *memory) { ::operator delete (memory, std::align_val_t{64}); }};

    Memory() { std::memset(bytes.get(), 0xA5, size_bytes); }
    Status format(std::uint32_t balancer_count = 2)
    {
        return shm::format(bytes.get(), size_bytes, balancer_count);
    }
    auto attach(std::uint32_t index) { return shm::attach(bytes.get(), size_bytes, index); }
    shm::RegionHeader &header() { return *reinterpret_cast<shm::RegionHeader *>(bytes.get()); }
};

struct Region : Memory {
    Region() { BOOST_TEST_REQUIRE(format() == Status::kOk); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(region_test, Region)

BOOST_AUTO_TEST_CASE(a_region_is_a_header_and_four_lines_for_each_balancer)
{
    BOOST_TEST(shm::region_size(0) == 64u);
    BOOST_TEST(shm::region_size(1) == 320u);
    BOOST_TEST(shm::region_size(1000) == 256'064u);
}

BOOST_AUTO_TEST_CASE(a_formatted_region_is_zero_but_for_its_header)
{
    for (std::size_t i = sizeof(shm::RegionHeader); i < size_bytes; ++i)
        BOOST_TEST_REQUIRE(std::to_integer<int>(bytes.get()[i]) == 0);
}

BOOST_AUTO_TEST_CASE(each_balancer_has_lines_of_its_own_inside_the_region)
{
    const auto first = attach(0), second = attach(1);
    BOOST_TEST_REQUIRE(static_cast<bool>(first));
    BOOST_TEST_REQUIRE(static_cast<bool>(second));
    BOOST_TEST(reinterpret_cast<std::byte *>(*first) - bytes.get() == 64);
    BOOST_TEST(reinterpret_cast<std::byte *>(*second) - bytes.get() == 320);
    (*first)->generation.publish(7);
    (*first)->cursors[shm::kCursorCount - 1].store(9);
    BOOST_TEST((*second)->generation.acquire() == 0u);
    (*first)->refused_cookies[shm::kRefusalCount - 1].store(9);
    BOOST_TEST((*second)->cursors[0].load() == 0u);
}

BOOST_AUTO_TEST_CASE(who_attaches_later_sees_what_is_there)
{
    (*attach(1))->generation.publish(7);
    BOOST_TEST((*attach(1))->generation.acquire() == 7u);
}

BOOST_AUTO_TEST_CASE(a_balancer_beyond_the_last_is_not_found)
{
    BOOST_TEST(attach(2).status() == Status::kNotFound);
    BOOST_TEST(attach(0xFFFFFFFF).status() == Status::kNotFound);
}

BOOST_AUTO_TEST_CASE(a_region_of_no_balancers_has_none)
{
    BOOST_TEST(format(0) == Status::kOk);
    BOOST_TEST(attach(0).status() == Status::kNotFound);
}

BOOST_AUTO_TEST_CASE(memory_that_is_too_small_or_not_aligned_is_not_formatted)
{
    BOOST_TEST(shm::format(bytes.get(), size_bytes - 1, 2) == Status::kInvalidArgument);
    BOOST_TEST(shm::format(bytes.get(), size_bytes, 3) == Status::kInvalidArgument);
    BOOST_TEST(shm::format(bytes.get() + 32, size_bytes - 32, 1) == Status::kInvalidArgument);
    BOOST_TEST(shm::format(bytes.get(), size_bytes, 0xFFFFFFFF) == Status::kInvalidArgument);
}

BOOST_AUTO_TEST_CASE(more_memory_than_needed_is_fine_as_long_as_both_sides_say_how_much)
{
    BOOST_TEST(shm::format(bytes.get(), size_bytes, 1) == Status::kOk);
    BOOST_TEST(static_cast<bool>(attach(0)));
    BOOST_TEST(shm::attach(bytes.get(), shm::region_size(1), 0).status() ==
               Status::kLayoutMismatch);
}

BOOST_AUTO_TEST_CASE(rubbish_and_zeroes_are_no_region)
{
    Memory rubbish;
    BOOST_TEST(rubbish.attach(0).status() == Status::kLayoutMismatch);
    std::memset(rubbish.bytes.get(), 0, rubbish.size_bytes);
    BOOST_TEST(rubbish.attach(0).status() == Status::kLayoutMismatch);
}

BOOST_AUTO_TEST_CASE(a_header_that_is_wrong_in_any_field_is_refused)
{
    const auto refused_with = [](auto change) {
        Region region;
        change(region.header());
        return region.attach(0).status() == Status::kLayoutMismatch;
    };
    BOOST_TEST(refused_with([](shm::RegionHeader &header) { header.magic ^= 1; }));
    BOOST_TEST(refused_with([](shm::RegionHeader &header) { ++header.major; }));
    BOOST_TEST(refused_with([](shm::RegionHeader &header) { header.fingerprint ^= 1; }));
    BOOST_TEST(refused_with([](shm::RegionHeader &header) { ++header.size_bytes; }));
    BOOST_TEST(refused_with([](shm::RegionHeader &header) { header.balancer_count = 3; }));
    BOOST_TEST(refused_with([](shm::RegionHeader &header) { header.balancer_count = 0xFFFFFFFF; }));
}

BOOST_AUTO_TEST_CASE(another_minor_version_is_fine)
{
    header().minor = 7;
    BOOST_TEST(static_cast<bool>(attach(0)));
}

BOOST_AUTO_TEST_CASE(memory_shorter_than_a_header_is_not_read)
{
    const std::unique_ptr<std::byte, void (*)(std::byte *)> few(
        static_cast<std::byte *>(::operator new (8, std::align_val_t{64})),
        [](std::byte *memory) { ::operator delete (memory, std::align_val_t{64}); });
    BOOST_TEST(shm::attach(few.get(), 8, 0).status() == Status::kLayoutMismatch);
    BOOST_TEST(shm::attach(nullptr, 0, 0).status() == Status::kLayoutMismatch);
}

BOOST_AUTO_TEST_SUITE_END()
