// SPDX-License-Identifier: Apache-2.0
//
// A region in the test's own memory, as a host would map it: of exactly the size that was asked
// for.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "core/capacity/processes.hpp"
#include "core/shm/places.hpp"
#include "core/shm/region.hpp"
#include "test/unit/support/print.hpp"

namespace stickybalancer::test {

struct Memory {
    std::size_t size_bytes;
    std::unique_ptr<std::byte, void (*)(std::byte *)> bytes;

    explicit Memory(std::size_t size, int fill = 0)
        : size_bytes(size),
          bytes(static_cast<std::byte *>(::operator new (size, std::align_val_t{64})),
                [](std::byte *memory) { ::operator delete (memory, std::align_val_t{64}); })
    {
        std::memset(bytes.get(), fill, size);
    }
    Memory(const Memory &other) : Memory(other.size_bytes)
    {
        std::memcpy(bytes.get(), other.bytes.get(), size_bytes);
    }
    shm::RegionHeader &header() const
    {
        return *reinterpret_cast<shm::RegionHeader *>(bytes.get());
    }
    shm::Attached attach() const { return shm::attach(bytes.get(), size_bytes); }
};

inline constexpr shm::Geometry kGeometry{4, 6};
inline constexpr std::uint32_t kCapacity = 5;
inline constexpr shm::Identity kBalancer{7, 11};

// One balancer of five places; process 0 is this one.
struct OneBlock : Memory {
    shm::Region region;
    shm::Block block;

    OneBlock() : Memory(shm::region_bytes(kGeometry) + shm::block_bytes(kCapacity, kGeometry))
    {
        BOOST_TEST_REQUIRE(shm::format(bytes.get(), size_bytes, kGeometry, {3, 5}) ==
                           shm::RegionFault::kNone);
        region = attach().region;
        const shm::RegionLock lock(region);
        BOOST_TEST_REQUIRE(region.claim_block(lock, kBalancer, kCapacity, block));
        BOOST_TEST_REQUIRE(capacity::claim_process(lock, 1000, {1}) == 0u);
    }
    std::uint32_t claim(std::uint32_t pid)
    {
        const shm::RegionLock lock(region);
        return capacity::claim_process(lock, pid, {2});
    }
    capacity::Wakes reclaim(std::uint32_t process)
    {
        capacity::Wakes wakes;
        const shm::RegionLock lock(region);
        capacity::reclaim(lock, process, wakes);
        return wakes;
    }
    capacity::Gauges gauges(std::uint32_t process = 0, bool counts_total = false)
    {
        return {region, block, process, counts_total};
    }
    std::uint32_t active(std::uint32_t place)
    {
        return capacity::sum_of(region, block, place).active;
    }
};

}  // namespace stickybalancer::test
