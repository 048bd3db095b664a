// SPDX-License-Identifier: Apache-2.0
//
// A balancer behind the C ABI, as a host has it: a region of its own, and one member with route a.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

#include "core/include/stickybalancer/stickybalancer.h"
#include "test/unit/support/region.hpp"

namespace stickybalancer::test {

inline sb_str str(const std::string &text) { return {text.data(), text.size()}; }

// An enumerator of the core as the C ABI has it.
template <typename Enum>
constexpr int number(Enum value)
{
    return static_cast<int>(value);
}

inline constexpr sb_geometry kAbiGeometry{2, 4};

// A region with one block of two places. This process, 1000, has slot 0.
struct AbiRegion {
    Memory memory;
    sb_region *region = nullptr;
    std::uint64_t block = 0;
    std::uint32_t process = 0;

    explicit AbiRegion(std::uint32_t more_capacity = 0)
        : memory(sb_region_size(&kAbiGeometry) + sb_block_size(&kAbiGeometry, 2) +
                 (more_capacity == 0 ? 0 : sb_block_size(&kAbiGeometry, more_capacity)))
    {
        const std::uint64_t random[2] = {3, 5};
        BOOST_TEST_REQUIRE(sb_region_format(memory.bytes.get(), memory.size_bytes, &kAbiGeometry,
                                            random) == SB_OK);
        open();
        BOOST_TEST_REQUIRE(sb_region_claim_block(region, {7, 11}, 2, &block) == SB_OK);
        BOOST_TEST_REQUIRE(sb_region_claim_process(region, 1000, 1, &process) == SB_OK);
    }
    ~AbiRegion() { sb_region_close(region); }
    AbiRegion(const AbiRegion &) = delete;
    AbiRegion &operator=(const AbiRegion &) = delete;

    void open()
    {
        const char *why = nullptr;
        BOOST_TEST_REQUIRE(sb_region_open(memory.bytes.get(), memory.size_bytes, &region, &why) ==
                           SB_OK);
    }
    std::uint32_t claim(const std::string &url)
    {
        std::uint32_t place = shm::kNoPlace;
        BOOST_TEST(sb_member_claim(region, block, sb_identity_of(str(url)), &place) == SB_OK);
        return place;
    }
};

struct OneMember : AbiRegion {
    sb_balancer *balancer = nullptr;
    std::uint32_t state = 0;
    sb_time_us failed_at_us = 0;
    std::int64_t retry_us = 0;
    std::string route = "a", cookie_name = "ROUTEID", policy = "roundrobin";
    sb_settings settings{};
    sb_member member{};

    OneMember()
    {
        BOOST_TEST_REQUIRE(sb_balancer_create(region, block, process, &balancer) == SB_OK);
        settings.struct_size = sizeof(settings);
        settings.cookie_mode = SB_COOKIE_INSERT;
        settings.cookie_name = str(cookie_name);
        settings.separator = '.';
        settings.policy = str(policy);
        member.handle = 1;
        member.place = claim("http://a:1");
        member.route = str(route);
        member.weight = 1;
        member.state = &state;
        member.failed_at_us = &failed_at_us;
        member.retry_us = &retry_us;
        BOOST_TEST_REQUIRE(configure() == SB_OK);
    }
    ~OneMember() { sb_balancer_destroy(balancer); }
    sb_status configure() { return sb_balancer_configure(balancer, &settings, &member, 1); }
};

}  // namespace stickybalancer::test
