// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/json_writer.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <random>
#include <string>

using namespace stickybalancer::api;

namespace {

void append(void *text, const char *bytes, std::size_t count)
{
    static_cast<std::string *>(text)->append(bytes, count);
}

template <typename Write>
std::string written(const Write &write)
{
    std::string text;
    {
        Output out(append, &text);
        JsonWriter json(out);
        write(json);
    }
    return text;
}

std::string escaped(std::string_view text)
{
    return written([&](JsonWriter &json) { json.element(text); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_writer_test)

BOOST_AUTO_TEST_CASE(commas_come_by_themselves)
{
    BOOST_TEST(
        written([](JsonWriter &json) {
            json.open_object();
            json.open_array("none");
            json.close_array();
            json.open_array("two");
            json.element("x");
            json.open_object();
            json.close_object();
            json.close_array();
            json.number("n", std::uint64_t{18446744073709551615U});
            json.number("w", Hundredths{25});
            json.flag("f", false);
            json.null("z");
            json.close_object();
        }) == R"({"none":[],"two":["x",{}],"n":18446744073709551615,"w":0.25,"f":false,"z":null})");
}

BOOST_AUTO_TEST_CASE(times_are_in_utc_and_none_is_null)
{
    const auto time = [](std::int64_t us) {
        return written([us](JsonWriter &json) {
            json.open_object();
            json.time("t", us);
            json.close_object();
        });
    };
    BOOST_TEST(time(0) == R"({"t":null})");
    BOOST_TEST(time(1) == R"({"t":"1970-01-01T00:00:00Z"})");
    BOOST_TEST(time(1795290896'999999) == R"({"t":"2026-11-21T19:54:56Z"})");
    BOOST_TEST(time(951827696'000000) == R"({"t":"2000-02-29T12:34:56Z"})");
    BOOST_TEST(time(-1) == R"({"t":"1969-12-31T23:59:59Z"})");
}

BOOST_AUTO_TEST_CASE(weights_have_the_decimals_that_they_need)
{
    std::string text;
    {
        Output out(append, &text);
        out << Hundredths{0} << ' ' << Hundredths{5} << ' ' << Hundredths{150} << ' '
            << Hundredths{25600};
    }
    BOOST_TEST(text == "0 0.05 1.5 256");
}

BOOST_AUTO_TEST_CASE(markup_means_nothing)
{
    BOOST_TEST(escaped("<b>&\"\\\n\x7F") == R"("\u003cb\u003e\u0026\"\\\u000a\u007f")");
    BOOST_TEST(escaped("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80") ==
               "\"\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

BOOST_AUTO_TEST_CASE(what_is_no_utf_8_is_replaced)
{
    for (const std::string bad :
         {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\xAF", "\xC3", "\x80"})
        BOOST_TEST(escaped("a" + bad + "b").starts_with("\"a\\ufffd"));
}

BOOST_AUTO_TEST_CASE(any_bytes_are_read_back_as_text)
{
    std::mt19937 random(7);
    for (int i = 0; i < 2000; ++i) {
        std::string bytes(random() % 40, '\0');
        for (auto &byte : bytes)
            byte = static_cast<char>(random());
        const auto text = escaped(bytes);
        BOOST_TEST(nlohmann::json::accept(text));
        bool is_ascii = true;
        for (const char c : bytes)
            is_ascii &= (c & 0x80) == 0;
        if (is_ascii)
            BOOST_TEST(nlohmann::json::parse(text) == bytes);
    }
}

BOOST_AUTO_TEST_CASE(what_is_long_is_handed_on_in_pieces_and_whole)
{
    std::string all;
    for (int i = 0; i < 3000; ++i)
        all += static_cast<char>('a' + i % 26);
    const auto text = written([&](JsonWriter &json) {
        json.open_array();
        for (int i = 0; i < 10; ++i)
            json.element(all);
        json.close_array();
    });
    BOOST_TEST(nlohmann::json::parse(text).at(9) == all);
}

BOOST_AUTO_TEST_SUITE_END()
