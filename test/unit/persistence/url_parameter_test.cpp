// SPDX-License-Identifier: Apache-2.0
//
// Caught if: a parameter is found where it is none (mod_proxy_balancer finds the name anywhere in
// the URL), only the first of several is read, or a byte behind the text is read.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/url_parameter.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;

namespace {

template <typename Parameter>
std::string values_in(std::string_view text, bool semicolon_ends_value)
{
    const test::Exact exact(text), name("ROUTEID");
    Parameter reader(exact, name, semicolon_ends_value);
    std::string all;
    for (std::string_view value; reader.next(value);)
        all.append(value).append("|");
    return all;
}

// All values of ROUTEID, each with '|' behind it: as a rule, and where a semicolon ends a value.
struct Row {
    std::string_view text, values, values_to_semicolon;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << test::printable(row.text) << ']';
}

const Row kPaths[] = {
    {"/;ROUTEID=.1", ".1|", ".1|"},
    {"/foo;ROUTEID=.1", ".1|", ".1|"},
    {";ROUTEID=.1", ".1|", ".1|"},
    // in any segment
    {"/foo;ROUTEID=.1/bar", ".1|", ".1|"},
    {"/foo;ROUTEID=.1/bar;ROUTEID=.2/baz", ".1|.2|", ".1|.2|"},
    {"/foo;a=b/bar;ROUTEID=.2", ".2|", ".2|"},
    {"/foo;ROUTEID=.1/", ".1|", ".1|"},
    // behind other parameters
    {"/foo;a=b;ROUTEID=.1", ".1|", ".1|"},
    {"/foo;a;;ROUTEID=.1", ".1|", ".1|"},
    {"/foo;ROUTEID=.1;a=b", ".1;a=b|", ".1|"},
    {"/foo;ROUTEID=.1;ROUTEID=.2", ".1;ROUTEID=.2|", ".1|.2|"},
    {"/foo;ROUTEID=.1;", ".1;|", ".1|"},
    // nothing there
    {"", "", ""},
    {"/", "", ""},
    {";", "", ""},
    {"/foo;ROUTEID", "", ""},
    {"/foo;ROUTEID=", "", ""},
    {"/foo;ROUTEID=/bar", "", ""},
    {"/foo;ROUTEID=;ROUTEID=.2", ";ROUTEID=.2|", ".2|"},
    {"/foo;ROUTEID=/bar;ROUTEID=.2", ".2|", ".2|"},
    // the name elsewhere
    {"/foo/ROUTEID=.2", "", ""},
    {"/ROUTEID=.2", "", ""},
    {"ROUTEID=.2", "", ""},
    {"/foo;xROUTEID=.2", "", ""},
    {"/foo;ROUTEIDx=.2", "", ""},
    {"/foo;routeid=.2", "", ""},
    {"/foo;a=ROUTEID=.2", "", ""},
    {"/foo; ROUTEID=.2", "", ""},
    {"/foo;ROUTEID =.2", "", ""},
    {"/foo;a/ROUTEID=.2", "", ""},
    {"/foo&ROUTEID=.2", "", ""},
    {"/foo;%52OUTEID=.2", "", ""},
    {"/foo;xROUTEID=.2;ROUTEID=.3", ".3|", ".3|"},
    // any byte
    {"/foo;ROUTEID=.\xFF\0x"sv, ".\xFF\0x|"sv, ".\xFF\0x|"sv},
    {"/\0;ROUTEID=.1"sv, ".1|", ".1|"},
    {"/foo;\0ROUTEID=.1"sv, "", ""},
    {"/foo;ROUTEID=a=b?c&d", "a=b?c&d|", "a=b?c&d|"},
};

const Row kQueries[] = {
    {"ROUTEID=.1", ".1|", ".1|"},
    {"a=b&ROUTEID=.1&c=d", ".1|", ".1|"},
    {"&&ROUTEID=.1&&", ".1|", ".1|"},
    {"a&ROUTEID=.1&b", ".1|", ".1|"},
    {"ROUTEID=.1&ROUTEID=.2", ".1|.2|", ".1|.2|"},
    {"ROUTEID=&ROUTEID=.2", ".2|", ".2|"},
    {"ROUTEID&ROUTEID=.2", ".2|", ".2|"},
    {"ROUTEID=a=b", "a=b|", "a=b|"},
    // semicolons
    {"a=b;ROUTEID=.1", "", ".1|"},
    {"ROUTEID=.1;a=b", ".1;a=b|", ".1|"},
    {"ROUTEID=.1;ROUTEID=.2&ROUTEID=.3", ".1;ROUTEID=.2|.3|", ".1|.2|.3|"},
    {"ROUTEID=;a=b", ";a=b|", ""},
    // nothing there
    {"", "", ""},
    {"&", "", ""},
    {"=", "", ""},
    {"ROUTEID", "", ""},
    {"ROUTEID=", "", ""},
    // the name elsewhere
    {"xROUTEID=.3", "", ""},
    {"ROUTEIDx=.3", "", ""},
    {"routeid=.3", "", ""},
    {"q=ROUTEID=.2", "", ""},
    {"q=/ROUTEID=.2", "", ""},
    {"q=%26ROUTEID=.2", "", ""},
    {" ROUTEID=.2", "", ""},
    {"?ROUTEID=.2", "", ""},
    {"ROUTEID%3D.2", "", ""},
    // any byte
    {"a=\0&ROUTEID=.\xFE\0&b"sv, ".\xFE\0|"sv, ".\xFE\0|"sv},
    {"ROUTEID=./;x"sv, "./;x|", "./|"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(url_parameter_test)

BOOST_DATA_TEST_CASE(a_path_parameter_is_found_in_any_segment_by_its_whole_name, kPaths, row)
{
    BOOST_TEST(values_in<persistence::PathParameter>(row.text, false) == row.values);
    BOOST_TEST(values_in<persistence::PathParameter>(row.text, true) == row.values_to_semicolon);
}

BOOST_DATA_TEST_CASE(a_query_parameter_is_found_between_ampersands_by_its_whole_name, kQueries, row)
{
    BOOST_TEST(values_in<persistence::QueryParameter>(row.text, false) == row.values);
    BOOST_TEST(values_in<persistence::QueryParameter>(row.text, true) == row.values_to_semicolon);
}

BOOST_AUTO_TEST_CASE(after_the_last_value_there_is_none_however_often_one_asks)
{
    persistence::PathParameter path("/;ROUTEID=.1", "ROUTEID", false);
    persistence::QueryParameter query("ROUTEID=.1", "ROUTEID", false);
    std::string_view value;
    BOOST_TEST((path.next(value) && query.next(value)));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST((!path.next(value) && !query.next(value)));
}

BOOST_AUTO_TEST_CASE(a_long_url_takes_one_pass, *boost::unit_test::timeout(5))
{
    std::string path, query;
    while (path.size() < 4'000'000) {
        path += "/;ROUTEID=x;ROUTEIDx";
        query += "ROUTEID=x&;ROUTEID&";
    }
    BOOST_TEST(values_in<persistence::PathParameter>(path, true).size() == 400'000u);
    BOOST_TEST(values_in<persistence::QueryParameter>(query, true).size() == 400'000u);
}

BOOST_AUTO_TEST_SUITE_END()
