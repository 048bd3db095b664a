// SPDX-License-Identifier: Apache-2.0
//
// The layout as it was released, number by number. Whoever changes a row here changes the version
// and LAYOUT.md too.
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstring>

#include "core/persistence/cookie_value.hpp"
#include "core/shm/layout.hpp"

using namespace stickybalancer::shm;

BOOST_AUTO_TEST_SUITE(layout_test)

BOOST_AUTO_TEST_CASE(version_2_of_the_layout_stays_as_it_was_released)
{
    BOOST_TEST(kLayoutMajor == 2);
    BOOST_TEST(kLayoutMinor == 0);
    BOOST_TEST(kCursorCount == 7u);
    BOOST_TEST(kRefusalCount == 16u);

    BOOST_TEST(sizeof(RegionHeader) == 64u);
    BOOST_TEST(offsetof(RegionHeader, magic) == 0u);
    BOOST_TEST(offsetof(RegionHeader, major) == 8u);
    BOOST_TEST(offsetof(RegionHeader, minor) == 10u);
    BOOST_TEST(offsetof(RegionHeader, balancer_count) == 12u);
    BOOST_TEST(offsetof(RegionHeader, size_bytes) == 16u);
    BOOST_TEST(offsetof(RegionHeader, fingerprint) == 24u);
    BOOST_TEST(offsetof(RegionHeader, reserved) == 32u);

    BOOST_TEST(sizeof(BalancerState) == 256u);
    BOOST_TEST(offsetof(BalancerState, cursors) == 0u);
    BOOST_TEST(offsetof(BalancerState, generation) == 64u);
    BOOST_TEST(offsetof(BalancerState, last_fact) == 72u);
    BOOST_TEST(offsetof(BalancerState, refused_cookies) == 128u);
    BOOST_TEST(sizeof(BalancerState::refused_cookies) == 128u);
}

BOOST_AUTO_TEST_CASE(what_requests_write_shares_no_cache_line_with_what_they_only_read)
{
    BOOST_TEST(alignof(BalancerState) == 64u);
    BOOST_TEST(sizeof(BalancerState::cursors) <= 64u);
    BOOST_TEST(offsetof(BalancerState, generation) % 64 == 0u);
    BOOST_TEST(offsetof(BalancerState, refused_cookies) % 64 == 0u);
    BOOST_TEST(offsetof(BalancerState, refused_cookies) >= 128u);
}

BOOST_AUTO_TEST_CASE(there_is_room_to_count_every_fault_of_a_cookie)
{
    BOOST_TEST(stickybalancer::persistence::kCookieFaultCount <= kRefusalCount);
}

BOOST_AUTO_TEST_CASE(the_magic_reads_as_text_in_a_dump)
{
    char text[sizeof(kMagic)];
    std::memcpy(text, &kMagic, sizeof(text));
    BOOST_TEST(std::string_view(text, sizeof(text)) == "stickyb\n");
}

BOOST_AUTO_TEST_SUITE_END()
