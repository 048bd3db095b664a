// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>

#include "core/balance/mix.hpp"

using stickybalancer::balance::kGolden;
using stickybalancer::balance::mixed;

BOOST_AUTO_TEST_SUITE(mix_test)

// The first numbers of splitmix64 from seed 0, as its authors' program prints them.
BOOST_AUTO_TEST_CASE(it_is_splitmix64)
{
    BOOST_TEST(mixed(0) == 0xE220'A839'7B1D'CDAF);
    BOOST_TEST(mixed(kGolden) == 0x6E78'9E6A'A1B9'65F4);
    BOOST_TEST(mixed(2 * kGolden) == 0x06C4'5D18'8009'454F);
}

BOOST_AUTO_TEST_CASE(one_bit_of_a_number_changes_half_of_the_bits)
{
    int changed = 0;
    for (std::uint64_t value = 0; value < 100; ++value)
        for (int bit = 0; bit < 64; ++bit)
            changed += std::popcount(mixed(value) ^ mixed(value ^ std::uint64_t{1} << bit));
    BOOST_TEST(std::abs(changed / 6400.0 - 32) < 0.5);
}

BOOST_AUTO_TEST_SUITE_END()
