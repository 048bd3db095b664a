// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "core/base/base64url.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;
using Bytes = std::vector<std::uint8_t>;

namespace {

std::string encoded(const Bytes &bytes)
{
    std::string text(base::base64url_size(bytes.size()), '#');
    base::encode_base64url(bytes, text);
    return text;
}

bool decodes(std::string_view text, std::size_t byte_count)
{
    const test::Exact exact(text);
    Bytes bytes(byte_count);
    return base::decode_base64url(exact, bytes);
}

Bytes decoded(std::string_view text)
{
    const test::Exact exact(text);
    Bytes bytes(text.size() / 4 * 3);
    BOOST_TEST(base::decode_base64url(exact, bytes));
    return bytes;
}

struct Row {
    std::string_view bytes, text;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << row.text << ']';
}

const Row kRows[] = {
    {"", ""},
    {"foo", "Zm9v"},  // RFC 4648 section 10
    {"foobar", "Zm9vYmFy"},
    {"\0\0\0"sv, "AAAA"},
    {"\xFF\xFF\xFF", "____"},
    {"\xFB\xEF\xBE", "----"},
    {"\x14\xFB\x9C\x03\xD9\x7E", "FPucA9l-"},  // RFC 4648 section 9
    {"\0\x10\x83\x10\x51\x87\x20\x92\x8B\x30\xD3\x8F\x41\x14\x93\x51\x55\x97\x61\x96\x9B\x71\xD7"
     "\x9F"
     "\x82\x18\xA3\x92\x59\xA7\xA2\x9A\xAB\xB2\xDB\xAF\xC3\x1C\xB3\xD3\x5D\xB7\xE3\x9E\xBB\xF3\xDF\xBF"sv,
     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"},
};

struct BadRow {
    std::string_view text;
    std::size_t byte_count;
};
std::ostream &operator<<(std::ostream &out, const BadRow &row)
{
    return out << '[' << test::printable(row.text) << "] " << row.byte_count;
}

const BadRow kBad[] = {
    {"", 3},     {"Zm9v", 0},     {"Zm9v", 6},    {"Zm9vY", 3},   {"Zm9", 3},          {"Zm8=", 3},
    {"Zg==", 3}, {"Zm9v====", 6}, {"Zm9v\n", 3},  {"Zm9\n", 3},   {"Zm9+", 3},         {"Zm9/", 3},
    {" m9v", 3}, {"Z\0mv"sv, 3},  {"Zm9\xFF", 3}, {"Zm9vYmF", 6}, {"Zm9vYmFyZm9v", 6},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(base64url_test)

BOOST_DATA_TEST_CASE(bytes_and_text_stand_for_each_other, kRows, row)
{
    const Bytes bytes(row.bytes.begin(), row.bytes.end());
    BOOST_TEST(encoded(bytes) == row.text);
    BOOST_TEST(decoded(row.text) == bytes);
}

BOOST_DATA_TEST_CASE(text_of_another_length_or_alphabet_is_refused, kBad, row)
{
    BOOST_TEST(!decodes(row.text, row.byte_count));
}

BOOST_AUTO_TEST_CASE(each_byte_is_of_the_alphabet_in_every_place_or_in_none)
{
    const auto alphabet = kRows[std::size(kRows) - 1].text;
    for (std::size_t place = 0; place < 4; ++place)
        for (int byte = 0; byte < 256; ++byte) {
            std::string text = "AAAA";
            text[place] = static_cast<char>(byte);
            const bool is_letter = alphabet.find(text[place]) != std::string_view::npos;
            BOOST_TEST_REQUIRE(decodes(text, 3) == is_letter);
        }
}

BOOST_AUTO_TEST_CASE(one_bad_letter_anywhere_spoils_the_text)
{
    const auto good = encoded(Bytes(45, 0xA5));
    for (std::size_t place = 0; place < good.size(); ++place) {
        auto text = good;
        text[place] = '=';
        BOOST_TEST(!decodes(text, 45));
    }
}

BOOST_AUTO_TEST_CASE(every_group_of_bytes_has_a_text_of_its_own)
{
    for (std::uint32_t group = 0; group < 0x1000000; group += 257) {
        const Bytes bytes{static_cast<std::uint8_t>(group >> 16),
                          static_cast<std::uint8_t>(group >> 8), static_cast<std::uint8_t>(group)};
        BOOST_TEST_REQUIRE((decoded(encoded(bytes)) == bytes));
    }
}

BOOST_AUTO_TEST_CASE(three_bytes_are_four_letters)
{
    BOOST_TEST(base::base64url_size(0) == 0u);
    BOOST_TEST(base::base64url_size(3) == 4u);
    BOOST_TEST(base::base64url_size(30) == 40u);
    BOOST_TEST(base::base64url_size(45) == 60u);
}

BOOST_AUTO_TEST_SUITE_END()
