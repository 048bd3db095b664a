// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <boost/test/data/test_case.hpp>

#include "core/capacity/limit.hpp"

using stickybalancer::capacity::effective_limit;
using stickybalancer::capacity::Limits;

namespace {

struct Case {
    std::uint32_t least, most;
    std::uint64_t full_load, load;
    std::uint32_t limit;
};
std::ostream &operator<<(std::ostream &out, const Case &row)
{
    return out << row.least << " to " << row.most << ", load " << row.load << " of "
               << row.full_load;
}

constexpr Case kCases[] = {
    {0, 100, 300, 0, 100},  // no minconn
    {10, 100, 300, 0, 10},
    {10, 100, 300, 30, 10},
    {10, 100, 300, 33, 11},
    {10, 100, 300, 60, 20},
    {10, 100, 300, 150, 50},
    {10, 100, 300, 299, 99},
    {10, 100, 300, 300, 100},
    {10, 100, 300, 100'000, 100},
    {10, 100, 0, 0, 100},  // no member has a maxconn: cannot be, and limits nothing by mistake
    {100, 100, 300, 0, 100},
    {200, 100, 300, 0, 100},
    {1, 1'000'000, 10'000'000'000, 9'999'999'999, 999'999},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(limit_test)

BOOST_DATA_TEST_CASE(the_limit_grows_with_the_load_of_the_balancer,
                     boost::unit_test::data::make(kCases), row)
{
    Limits limits;
    limits.min_connections = row.least;
    limits.max_connections = row.most;
    limits.full_load = row.full_load;
    BOOST_TEST(effective_limit(limits, row.load) == row.limit);
}

BOOST_AUTO_TEST_SUITE_END()
