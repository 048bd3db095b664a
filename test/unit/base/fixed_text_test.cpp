// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

#include "core/base/fixed_text.hpp"

using stickybalancer::base::FixedText;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(fixed_text_test)

BOOST_AUTO_TEST_CASE(it_holds_what_fits_with_a_zero_behind_it)
{
    FixedText<8> text{};
    BOOST_TEST(text.view() == "");
    BOOST_TEST(text.assign("1234567"));
    BOOST_TEST(text.view() == "1234567");
    BOOST_TEST(text.bytes[7] == '\0');
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_or_has_a_nul_is_refused_and_changes_nothing)
{
    FixedText<8> text{};
    BOOST_TEST(text.assign("before"));
    BOOST_TEST(!text.assign("12345678"));
    BOOST_TEST(!text.assign("a\0b"sv));
    BOOST_TEST(text.view() == "before");
}

BOOST_AUTO_TEST_CASE(a_shorter_text_leaves_nothing_of_a_longer_one)
{
    FixedText<8> text{}, fresh{};
    BOOST_TEST(text.assign("1234567"));
    BOOST_TEST(text.assign("a"));
    BOOST_TEST(fresh.assign("a"));
    BOOST_TEST((text == fresh));
    BOOST_TEST(std::equal(text.bytes, text.bytes + 8, fresh.bytes));
    BOOST_TEST(text.assign(""));
    BOOST_TEST(text.view() == "");
}

BOOST_AUTO_TEST_CASE(bytes_without_an_end_are_read_to_the_last_and_no_further)
{
    FixedText<8> text{};
    std::fill(text.bytes, text.bytes + 8, 'x');
    BOOST_TEST(text.view() == "xxxxxxx");
}

BOOST_AUTO_TEST_SUITE_END()
