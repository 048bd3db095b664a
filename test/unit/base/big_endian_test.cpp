// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <array>

#include "core/base/big_endian.hpp"

using namespace stickybalancer::base;

BOOST_AUTO_TEST_SUITE(big_endian_test)

BOOST_AUTO_TEST_CASE(the_first_byte_counts_most)
{
    std::array<std::uint8_t, 8> bytes{};
    put_number(bytes.data(), 0x0102030405060708, bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        BOOST_TEST(bytes[i] == i + 1);
    BOOST_TEST(number_at(bytes.data(), bytes.size()) == 0x0102030405060708u);
}

BOOST_AUTO_TEST_CASE(only_so_many_bytes_are_written_and_read)
{
    std::array<std::uint8_t, 4> bytes{0xAA, 0xAA, 0xAA, 0xAA};
    put_number(bytes.data() + 1, 0xFF'0102, 2);
    BOOST_TEST((bytes == std::array<std::uint8_t, 4>{0xAA, 1, 2, 0xAA}));
    BOOST_TEST(number_at(bytes.data() + 1, 2) == 0x0102u);
    BOOST_TEST(number_at(bytes.data(), 0) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
