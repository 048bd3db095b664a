// SPDX-License-Identifier: Apache-2.0
//
// Caught if: a name is found where it is no cookie's name (mod_proxy_balancer finds it behind any
// space or comma), a value is cut or grown, a duplicate is missed, or a byte behind the header is
// read.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/cookie_reader.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;

namespace {

// All values of ROUTEID, each with '|' behind it.
std::string values_in(std::string_view header)
{
    const test::Exact exact(header), name("ROUTEID");
    persistence::CookieReader reader(exact, name);
    std::string all;
    for (std::string_view value; reader.next(value);)
        all.append(value).append("|");
    return all;
}

struct Row {
    std::string_view header, values;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << test::printable(row.header) << ']';
}

const Row kFound[] = {
    {"ROUTEID=.1", ".1|"},
    {"a=b; ROUTEID=.1; c=d", ".1|"},
    {"a=b;ROUTEID=.1;c=d", ".1|"},
    {"a=b;\t ROUTEID=.1\t;c=d", ".1|"},
    {" ROUTEID=.1 ", ".1|"},
    {"ROUTEID = .1", ".1|"},
    {";;; ;ROUTEID=.1;;", ".1|"},
    {"=x; ROUTEID=.1; =", ".1|"},
    {"x; ROUTEID=.1; y", ".1|"},
    {"$Version=1; ROUTEID=.1; $Path=/", ".1|"},
    {"ROUTEID=a=b=", "a=b=|"},
    {"ROUTEID==", "=|"},
    {"ROUTEID=ROUTEID=.1", "ROUTEID=.1|"},
    {"ROUTEID=two words", "two words|"},
    {"ROUTEID=s44we8-s44z68.1", "s44we8-s44z68.1|"},
    // quotes
    {"ROUTEID=\".1\"", ".1|"},
    {"ROUTEID= \".1\" ;", ".1|"},
    {"ROUTEID=\".1", "\".1|"},
    {"ROUTEID=.1\"", ".1\"|"},
    {"ROUTEID=\"", "\"|"},
    {"a=\"b; ROUTEID=.2\"", ".2\"|"},
    // duplicates
    {"ROUTEID=.1; ROUTEID=.2", ".1|.2|"},
    {"ROUTEID=.1;ROUTEID=.1", ".1|.1|"},
    {"ROUTEID=; ROUTEID=.2", ".2|"},
    {"ROUTEID; ROUTEID=\"\"; ROUTEID=.3", ".3|"},
    {"xROUTEID=.1; ROUTEID=.2; ROUTEIDx=.3", ".2|"},
    // several Cookie lines that httpd has made one
    {"a=1, ROUTEID=.2", ".2|"},
    {"a=1; b=2, ROUTEID=.2; c=3", ".2|"},
    {"a=1, b=2, ROUTEID=.2", ".2|"},
    {", ROUTEID=.2", ".2|"},
    {"ROUTEID=.1, ROUTEID=.2", ".1|.2|"},
    {"a=1, ROUTEIDx=.2, ROUTEID=.3", ".3|"},
    {"a=1, ROUTEID=, ROUTEID=.3", ".3|"},
    {"a=1,  ROUTEID=.2", ".2|"},
    {"a=1, ROUTEID = .2", ".2|"},
    {"a=1,, ROUTEID=.2", ".2|"},
    {"a=1; , ROUTEID=.2", ".2|"},
    {"a=\"x, ROUTEID=.2\"", ".2\"|"},
    {"a=1, ROUTEID=.2;ROUTEID=.3, ROUTEID=.4", ".2|.3|.4|"},
    // any byte
    {"ROUTEID=.\xFF\x80", ".\xFF\x80|"},
    {"ROUTEID=.1\0x; a=b"sv, ".1\0x|"sv},
    {"\xC3\xA9=1; ROUTEID=.1", ".1|"},
    {"a=\x01\r\n; ROUTEID=.1", ".1|"},
};

const std::string_view kNotFound[] = {
    "",
    " ",
    ";",
    ";;",
    "=",
    ",",
    ", ",
    "ROUTEID",
    "ROUTEID=",
    "ROUTEID= ",
    "ROUTEID=\"\"",
    "ROUTEID=;",
    ";ROUTEID",
    "ROUTEI",
    "OUTEID=.1",
    "routeid=.1",
    "Routeid=.1",
    // the name inside another name
    "xROUTEID=.1",
    "ROUTEIDx=.1",
    "ROUTEID2=.1",
    "x-ROUTEID=.1",
    "ROUTE ID=.1",
    "x ROUTEID=.1",
    "$ROUTEID=.1",
    "\"ROUTEID\"=.1",
    "ROUTEID\0=.1"sv,
    "\0ROUTEID=.1"sv,
    "ROUTEID\xA0=.1",
    "\nROUTEID=.1",
    // the name inside a value, also behind a space or a comma
    "a=ROUTEID=.2",
    "a=b ROUTEID=.2",
    "a=b\tROUTEID=.2",
    "a=1,ROUTEID=.2",
    "a=1,\tROUTEID=.2",
    "a=1 ,ROUTEID=.2",
    "a=\"ROUTEID=.2\"",
    "a=(ROUTEID=.2)",
    "a=b&ROUTEID=.2",
    "a=b:ROUTEID=.2",
    "a=b/ROUTEID=.2",
    "a=1, xROUTEID=.2",
    "a=1, ROUTEIDx=.2",
    "a=1, ROUTEID",
    "a=1, ROUTEID=",
    "a=1, ",
};

// What httpd makes of two Cookie lines, of which the first ends with our cookie.
const Row kJoinedBehind[] = {
    {"ROUTEID=.1, b=2", ".1|"},
    {"a=1; ROUTEID=.1, b=2; c=3", ".1|"},
    {"ROUTEID=\".1\", b=2", ".1|"},
    {"a=1, ROUTEID=.1, b=2", ".1|"},
    {"ROUTEID=.1, b=2, ROUTEID=.3", ".1|.3|"},
    {"ROUTEID=.1, b", ".1|"},
    {"ROUTEID=.1, ", ".1|"},
    {"ROUTEID=.1, ;", ".1|"},
    {"ROUTEID=, b=2", ""},
    {"ROUTEID=.1,b=2", ".1,b=2|"},  // one line: a bare comma ends nothing
    {"ROUTEID=.1,", ".1,|"},
};

// Where each pair of ROUTEID stands, cut out of the header, with '|' behind it, and the value, with '|'
// behind it.
std::string pairs_in(std::string_view header)
{
    const test::Exact exact(header), name("ROUTEID");
    persistence::CookieReader reader(exact, name);
    std::string all;
    for (persistence::CookiePair pair; reader.next(pair);)
        all.append(exact.view().substr(pair.begin, pair.end - pair.begin))
            .append("|")
            .append(pair.value)
            .append("|");
    return all;
}

const Row kPairs[] = {
    {"ROUTEID=.1", "ROUTEID=.1|.1|"},
    {"a=1; ROUTEID=.1; b=2", "ROUTEID=.1|.1|"},
    {" ROUTEID = \".1\" ; b=2", "ROUTEID = \".1\" |.1|"},
    {"ROUTEID=", "ROUTEID=||"},
    {"ROUTEID=; ROUTEID=\"\"; ROUTEID=.3", "ROUTEID=||ROUTEID=\"\"||ROUTEID=.3|.3|"},
    {"ROUTEID=.1, ROUTEID=.2", "ROUTEID=.1|.1|ROUTEID=.2|.2|"},
    {"ROUTEID=.1,b=2", "ROUTEID=.1,b=2|.1,b=2|"},
    {"a=1;ROUTEID=.1;ROUTEID", "ROUTEID=.1|.1|"},
    {"ROUTEID=a~\"1;2\"", "ROUTEID=a~\"1|a~\"1|"},
};

struct NextRow {
    std::string_view header;
    std::size_t end, next;
};
std::ostream &operator<<(std::ostream &out, const NextRow &row)
{
    return out << '[' << row.header << "] " << row.end;
}
const NextRow kNext[] = {
    {"", 0, 0},         {"R=1", 3, 3},         {"R=1;", 3, 4},
    {"R=1; ", 3, 5},    {"R=1; \t a=2", 3, 7}, {"R=1;a=2", 3, 4},
    {"R=1, a=2", 3, 5}, {"R=1;;a=2", 3, 4},    {"R=1; ;a=2", 3, 5},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_reader_test)

BOOST_DATA_TEST_CASE(a_pair_stands_from_its_name_to_the_delimiter_behind_its_value, kPairs, row)
{
    BOOST_TEST(pairs_in(row.header) == row.values);
}

BOOST_DATA_TEST_CASE(the_next_pair_begins_behind_one_delimiter_and_its_white_space, kNext, row)
{
    BOOST_TEST(persistence::next_pair_after(test::Exact(row.header), row.end) == row.next);
}

BOOST_AUTO_TEST_CASE(a_cookie_without_a_name_is_not_found)
{
    persistence::CookiePair pair;
    BOOST_TEST(!persistence::CookieReader("=1; a=2", "").next(pair));
    BOOST_TEST(!persistence::CookieReader("", "").next(pair));
}

BOOST_DATA_TEST_CASE(a_cookie_is_found_with_its_whole_value, kFound, row)
{
    BOOST_TEST(values_in(row.header) == row.values);
}

BOOST_DATA_TEST_CASE(what_is_no_cookie_of_this_name_is_not_found, kNotFound, header)
{
    BOOST_TEST(values_in(header) == "");
}

BOOST_DATA_TEST_CASE(a_cookie_line_that_follows_does_not_become_part_of_the_value, kJoinedBehind,
                     row)
{
    BOOST_TEST(values_in(row.header) == row.values);
}

BOOST_AUTO_TEST_CASE(after_the_last_value_there_is_none_however_often_one_asks)
{
    persistence::CookieReader reader("ROUTEID=.1", "ROUTEID");
    std::string_view value;
    BOOST_TEST(reader.next(value));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(!reader.next(value));
}

BOOST_AUTO_TEST_CASE(the_value_points_into_the_header)
{
    const std::string_view header = "a=b; ROUTEID=\".1\"";
    persistence::CookieReader reader(header, "ROUTEID");
    std::string_view value;
    BOOST_TEST(reader.next(value));
    BOOST_TEST((value.data() == header.data() + 14));
}

BOOST_AUTO_TEST_CASE(every_prefix_of_a_header_is_read_without_harm_and_finds_no_other_route)
{
    const std::string_view header =
        "a=1, ROUTEID=.r2; \"x\"=\"; ROUTEID=\".r1\"; c, ROUTEID=.r3; ROUTEID=";
    for (std::size_t length = 0; length <= header.size(); ++length)
        for (const char c : values_in(header.substr(0, length)))
            BOOST_TEST_REQUIRE("\".r123|"sv.find(c) != std::string_view::npos);
}

// Cost: one pass. 4 MB take milliseconds then; a pass for each cookie takes ten seconds.
BOOST_AUTO_TEST_CASE(a_long_header_takes_one_pass_however_its_cookies_are_divided,
                     *boost::unit_test::timeout(5))
{
    for (const std::string_view pair : {"ROUTEID=x, "sv, "ROUTEID=x;"sv, "ROUTEID=x, a;"sv,
                                        ", ROUTEID=x"sv, "a,,;ROUTEID=x;"sv}) {
        std::string header;
        std::size_t expected = 0;
        for (; header.size() < 4'000'000; ++expected)
            header += pair;
        persistence::CookieReader reader(header, "ROUTEID");
        std::size_t count = 0;
        for (std::string_view value; reader.next(value);)
            ++count;
        BOOST_TEST(count == expected);
    }
}

BOOST_AUTO_TEST_CASE(a_long_header_of_other_cookies_takes_one_pass, *boost::unit_test::timeout(5))
{
    std::string header;
    while (header.size() < 4'000'000)
        header += "ROUTEIDx=1, ROUTEIDx=1;";
    persistence::CookieReader reader(header, "ROUTEID");
    std::string_view value;
    BOOST_TEST(!reader.next(value));
}

BOOST_AUTO_TEST_SUITE_END()
