// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/base/text.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;

namespace {

struct Row {
    std::string_view text, expected;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << test::printable(row.text) << ']';
}

const Row kTrimmed[] = {
    {"", ""},
    {" ", ""},
    {"\t \t", ""},
    {"a", "a"},
    {" a", "a"},
    {"a ", "a"},
    {" \ta b\t ", "a b"},
    {"\na\r", "\na\r"},
    {"\0a\0"sv, "\0a\0"sv},
    {"\xA0"
     "a",
     "\xA0"
     "a"},
};
const Row kUnquoted[] = {
    {"", ""},
    {"\"", "\""},
    {"\"\"", ""},
    {"\"a\"", "a"},
    {"\"a", "\"a"},
    {"a\"", "a\""},
    {"\"\"a\"\"", "\"a\""},
    {"'a'", "'a'"},
    {" \"a\"", " \"a\""},
    {"a\"b\"c", "a\"b\"c"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(text_test)

BOOST_DATA_TEST_CASE(trimmed_drops_spaces_and_tabs_at_both_ends_only, kTrimmed, row)
{
    const test::Exact text(row.text);
    BOOST_TEST(base::trimmed(text) == row.expected);
}

BOOST_DATA_TEST_CASE(unquoted_drops_one_pair_of_double_quotes, kUnquoted, row)
{
    const test::Exact text(row.text);
    BOOST_TEST(base::unquoted(text) == row.expected);
}

BOOST_AUTO_TEST_SUITE_END()
