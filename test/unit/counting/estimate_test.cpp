// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cmath>

#include "core/counting/estimate.hpp"

using namespace stickybalancer;
using counting::estimated_clients;
using counting::MarkedCells;

namespace {

constexpr std::uint32_t kColumns = 2048;

// The marks that so many clients leave, were there no chance in it.
MarkedCells expected_marks(double clients, std::uint32_t columns)
{
    MarkedCells marked{};
    for (std::uint32_t row = 0; row < shm::kSketchRows; ++row) {
        const auto halves = std::min(row + 1, shm::kSketchRows - 1);
        const auto chance = std::ldexp(1.0, -static_cast<int>(halves)) / columns;
        marked[row] =
            static_cast<std::uint32_t>(std::llround(columns * -std::expm1(-clients * chance)));
    }
    return marked;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(estimate_test)

BOOST_AUTO_TEST_CASE(nobody_is_nobody_and_a_few_are_counted_one_by_one)
{
    BOOST_TEST(estimated_clients({}, kColumns) == 0u);
    BOOST_TEST(estimated_clients({1}, kColumns) == 1u);
    BOOST_TEST(estimated_clients({1, 1, 1}, kColumns) == 3u);
    BOOST_TEST(estimated_clients({4, 3, 0, 1}, kColumns) == 8u);
}

BOOST_AUTO_TEST_CASE(marks_as_expected_give_the_number_that_they_are_expected_of)
{
    for (const auto columns : {256u, 2048u})
        for (double clients = 100; clients <= columns * 1e5; clients *= 10) {
            const auto estimate =
                static_cast<double>(estimated_clients(expected_marks(clients, columns), columns));
            BOOST_TEST(std::abs(estimate - clients) < 0.03 * clients,
                       estimate << " of " << clients << " with " << columns);
        }
}

BOOST_AUTO_TEST_CASE(more_marks_are_more_clients)
{
    MarkedCells marked{};
    std::uint64_t before = 0;
    for (std::uint32_t cells = 1; cells <= kColumns; cells *= 2) {
        marked.fill(cells);
        const auto estimate = estimated_clients(marked, kColumns);
        BOOST_TEST(estimate > before);
        before = estimate;
    }
}

BOOST_AUTO_TEST_CASE(a_sketch_that_is_full_says_the_most_that_it_can)
{
    MarkedCells marked;
    marked.fill(kColumns);
    BOOST_TEST(estimated_clients(marked, kColumns) == std::uint64_t{kColumns} << 20);
    marked[shm::kSketchRows - 1] = kColumns - 1;
    BOOST_TEST(estimated_clients(marked, kColumns) > 1'000'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()
