// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/shm/check_text.hpp"

using namespace stickybalancer::shm;

namespace {

std::string text_of(const MemberSlot &slot)
{
    char text[kMostCheckText + 1];
    read_check_text(slot, text);
    return text;
}

std::string kept(const std::string &text)
{
    MemberSlot slot{};
    write_check_text(slot, text);
    return text_of(slot);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check_text_test)

BOOST_AUTO_TEST_CASE(zero_bytes_are_none)
{
    BOOST_TEST(text_of(MemberSlot{}) == "");
    BOOST_TEST(kept("") == "");
}

BOOST_AUTO_TEST_CASE(a_text_is_kept_up_to_its_room_and_cut_behind_it)
{
    const std::string longest =
        "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRS";  // no two words alike
    BOOST_TEST_REQUIRE(longest.size() == kMostCheckText);
    for (std::size_t size = 0; size <= longest.size(); ++size)
        BOOST_TEST(kept(longest.substr(0, size)) == longest.substr(0, size));
    BOOST_TEST(kept(longest + "T") == longest);
    BOOST_TEST(kept(longest + longest) == longest);
}

BOOST_AUTO_TEST_CASE(nothing_of_a_longer_text_stays_behind)
{
    MemberSlot slot{};
    write_check_text(slot, "connection closed without an answer");
    write_check_text(slot, "Connection refused");
    BOOST_TEST(text_of(slot) == "Connection refused");
    write_check_text(slot, "500");
    BOOST_TEST(text_of(slot) == "500");
    write_check_text(slot, {});
    BOOST_TEST(text_of(slot) == "");
    for (const auto &word : slot.check_text)
        BOOST_TEST(word.load() == 0u);
}

// Neither ends outside, nor shows what is no ASCII, or moves a terminal's cursor.
BOOST_AUTO_TEST_CASE(damaged_bytes_are_read_as_question_marks)
{
    MemberSlot slot{};
    for (auto &word : slot.check_text)
        word.store(~std::uint64_t{0});
    BOOST_TEST(text_of(slot) == std::string(kMostCheckText, '?'));
    BOOST_TEST(kept("a\x1b[2J\x7f\x80\xc3\xbc\n~ z") == "a?[2J?????~ z");
    BOOST_TEST(kept(std::string("500\0x", 5)) == "500");
}

BOOST_AUTO_TEST_SUITE_END()
