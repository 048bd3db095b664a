// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/text_table.hpp"

#include <boost/test/unit_test.hpp>

using namespace stickybalancer::stickyctl;

namespace {

TextTable three_columns()
{
    TextTable table({{"NAME"}, {"LABEL", false, 2}, {"WEIGHT", true, 1}});
    table.add_row({"b1", "a \"shop\", new", "5"});
    table.add_row({"b22", "", "256"});
    return table;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(text_table_test)

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_they_must_be)
{
    BOOST_TEST(three_columns().text({}) ==
               "NAME  LABEL          WEIGHT\n"
               "b1    a \"shop\", new       5\n"
               "b22   -                 256\n");
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_loses_the_least_important_columns)
{
    const auto text = three_columns().text({true, false, 14});
    BOOST_TEST(text.rfind("NAME  WEIGHT\nb1         5\nb22      256\n(1 more columns", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(what_still_does_not_fit_is_cut)
{
    TextTable table({{"NAME"}});
    table.add_row({"a-very-long-name"});
    BOOST_TEST(table.text({true, false, 8}) == "NAME\na-very-~\n");
}

BOOST_AUTO_TEST_CASE(csv_has_all_columns_and_quotes_what_must_be)
{
    BOOST_TEST(three_columns().csv() ==
               "name,label,weight\nb1,\"a \"\"shop\"\", new\",5\nb22,,256\n");
}

BOOST_AUTO_TEST_CASE(colours_come_only_where_there_are_some)
{
    TextTable table({{"ACTUAL"}});
    table.add_row({"down"});
    BOOST_TEST(table.text({true, true, 80}).find("\033[31mdown") != std::string::npos);
    BOOST_TEST(table.text({true, false, 80}).find('\033') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
