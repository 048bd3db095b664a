// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/terminal.hpp"

#include <boost/test/unit_test.hpp>

#include <clocale>

using namespace stickybalancer::stickyctl;

BOOST_AUTO_TEST_SUITE(terminal_test)

BOOST_AUTO_TEST_CASE(what_would_command_the_terminal_is_replaced)
{
    BOOST_TEST(printable("Web \033[31m1\a\n") == "Web ?[31m1??");
    BOOST_TEST(printable("a\xC2\x9B"
                         "31m") == "a?31m");  // CSI as one character
    BOOST_TEST(printable("a\xE2\x80\xAE"
                         "b") == "a?b");                            // right to left from here on
    BOOST_TEST(printable("\xFF\xC0\xAF\xED\xA0\x80") == "??????");  // no UTF-8
    BOOST_TEST(printable("B\xC3\xBCro \xE6\x9D\xB1") == "B\xC3\xBCro \xE6\x9D\xB1");
}

BOOST_AUTO_TEST_CASE(lines_of_httpd_stay_lines)
{
    BOOST_TEST(printable_lines("one\ntwo\033c\n") == "one\ntwo?c\n");
    BOOST_TEST(printable_lines("") == "");
}

BOOST_AUTO_TEST_CASE(widths_are_columns_not_bytes)
{
    std::setlocale(LC_CTYPE, "C.UTF-8");
    BOOST_TEST(display_width("B\xC3\xBCro") == 4u);
    BOOST_TEST(display_width("\xE6\x9D\xB1") == 2u);
    BOOST_TEST(cut_to("B\xC3\xBCro", 3) == "B\xC3\xBC~");
    BOOST_TEST(cut_to("B\xC3\xBCro", 4) == "B\xC3\xBCro");
}

BOOST_AUTO_TEST_CASE(states_that_are_not_as_usual_stand_out)
{
    BOOST_TEST(in_colour("down  ", "down") == "\033[31mdown  \033[0m");
    BOOST_TEST(in_colour("downtown", "downtown") == "downtown");
}

BOOST_AUTO_TEST_SUITE_END()
