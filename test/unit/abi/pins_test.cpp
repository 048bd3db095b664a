// SPDX-License-Identifier: Apache-2.0
//
// Which secrets pins are made with, and until when they are looked for. What the calls do with them is told by the
// program in C.
#include <boost/test/unit_test.hpp>

#include "core/abi/pins.hpp"
#include "test/unit/support/abi.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using stickybalancer::abi::may_be_pinned;
using stickybalancer::abi::pin_keys_of;

namespace {

constexpr persistence::Pin kPin{7, 1'800'000'000, 1'799'999'000};

std::string token_of(const persistence::PinKeys &keys)
{
    return written([&](auto &out) { keys.write(out, kPin); });
}

struct TwoBlocks : AbiRegion {
    sb_balancer *one = nullptr, *other = nullptr;
    std::string name = "balancer://app";
    sb_settings settings{};

    TwoBlocks() : AbiRegion(2)
    {
        std::uint64_t other_block = 0;
        BOOST_TEST_REQUIRE(sb_region_claim_block(region, {8, 12}, 2, &other_block) == SB_OK);
        BOOST_TEST_REQUIRE(sb_balancer_create(region, block, process, &one) == SB_OK);
        BOOST_TEST_REQUIRE(sb_balancer_create(region, other_block, process, &other) == SB_OK);
        settings.balancer_name = str(name);
    }
    ~TwoBlocks()
    {
        sb_balancer_destroy(one);
        sb_balancer_destroy(other);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pins_test, TwoBlocks)

// Two virtual hosts may each have a balancer of this name.
BOOST_AUTO_TEST_CASE(without_keys_each_balancer_has_its_own_secret)
{
    const auto its = pin_keys_of(*one, settings);
    BOOST_TEST(its.open(token_of(its), 0).has_value());
    BOOST_TEST(token_of(pin_keys_of(*one, settings)) == token_of(its));
    BOOST_TEST(!pin_keys_of(*other, settings).open(token_of(its), 0));
    region->region.header().hash_key[0] ^= 1;
    BOOST_TEST(!pin_keys_of(*one, settings).open(token_of(its), 0));
}

BOOST_AUTO_TEST_CASE(keys_are_the_same_on_every_server)
{
    sb_key key{};
    key.id = str(name);
    settings.keys = &key;
    settings.key_count = 1;
    const auto token = token_of(pin_keys_of(*one, settings));
    BOOST_TEST(pin_keys_of(*other, settings).open(token, 0).has_value());
    settings.key_count = 0;
    BOOST_TEST(!pin_keys_of(*one, settings).open(token, 0));
}

BOOST_AUTO_TEST_CASE(they_are_looked_for_until_the_last_has_ended)
{
    BOOST_TEST(!may_be_pinned(*one, {1}));
    one->shared.pins_until_us.store(10);
    BOOST_TEST(may_be_pinned(*one, {9}));
    BOOST_TEST(!may_be_pinned(*one, {10}));
    BOOST_TEST(!may_be_pinned(*other, {9}));
}

BOOST_AUTO_TEST_SUITE_END()
