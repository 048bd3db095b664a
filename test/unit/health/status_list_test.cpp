// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "core/health/status_list.hpp"

using stickybalancer::health::StatusList;

namespace {

struct Row {
    const char *text;
    std::vector<std::uint32_t> has, lacks;
};
std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.text; }

const Row kRows[] = {
    {"200", {200}, {0, 199, 201, 2000}},
    {"200-399", {200, 301, 399}, {199, 400}},
    {"200,404", {200, 404}, {201, 403, 405}},
    {"200-204, 301-302 ,503", {200, 204, 301, 302, 503}, {205, 300, 303}},
    {"100-599", {100, 599}, {99, 600, 639, 640, 0xFFFFFFFF}},
    {"404-404", {404}, {403, 405}},
};

const char *const kNone[] = {"",     ",",       "200,",    ",200",        "20",
                             "2000", "099",     "600",     "2xx",         "200-",
                             "-200", "300-200", "200--3",  "200-300-400", "200 300",
                             "+20",  "-20",     "200;404", "99999999999", "any"};

}  // namespace

BOOST_AUTO_TEST_SUITE(status_list_test)

BOOST_DATA_TEST_CASE(codes_and_ranges_are_listed, kRows, row)
{
    StatusList list;
    BOOST_TEST_REQUIRE(list.read(row.text));
    for (const auto status : row.has)
        BOOST_TEST(list.has(status), status);
    for (const auto status : row.lacks)
        BOOST_TEST(!list.has(status), status);
}

BOOST_DATA_TEST_CASE(what_is_no_list_is_refused, kNone, text)
{
    StatusList list;
    const std::string exact = text;  // of exactly its size
    BOOST_TEST(!list.read({exact.data(), exact.size()}));
}

BOOST_AUTO_TEST_SUITE_END()
