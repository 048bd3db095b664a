// SPDX-License-Identifier: Apache-2.0
#include "core/counting/estimate.hpp"

#include <cmath>

namespace stickybalancer::counting {
namespace {

constexpr int kMostSteps = 64;
constexpr double kExact = 1e-6;  // of the estimate

// Of a client for one cell of the row.
double chance_of(std::uint32_t row, std::uint32_t columns) noexcept
{
    const auto halves = row + 1 < shm::kSketchRows ? row + 1 : row;
    return std::ldexp(1.0 / columns, -static_cast<int>(halves));
}

// g(x), and how it falls.
struct Value {
    double value, slope;
};
Value g(double x) noexcept
{
    if (x < 1e-4)
        return {1 - x / 2, -0.5 + x / 6};
    const auto less_one = std::expm1(x);
    const auto value = x / less_one;
    return {value, value * (1 / x - 1 - 1 / less_one)};
}

}  // namespace

std::uint64_t estimated_clients(const MarkedCells &marked, std::uint32_t columns) noexcept
{
    double all = 0, unmarked_chance = 0;
    for (std::uint32_t row = 0; row < shm::kSketchRows; ++row) {
        all += marked[row];
        unmarked_chance += (columns - marked[row]) * chance_of(row, columns);
    }
    // No number is likeliest where every cell is marked: the most that can be told apart.
    if (unmarked_chance <= 0)
        return std::uint64_t{columns} << shm::kSketchRows;
    double clients = 0;
    for (int step = 0; all > 0 && step < kMostSteps; ++step) {
        double f = -clients * unmarked_chance, slope = -unmarked_chance;
        for (std::uint32_t row = 0; row < shm::kSketchRows; ++row) {
            if (marked[row] == 0)
                continue;
            const auto chance = chance_of(row, columns);
            const auto [value, fall] = g(clients * chance);
            f += marked[row] * value;
            slope += marked[row] * chance * fall;
        }
        const auto more = -f / slope;
        clients += more;
        if (more <= kExact * clients)
            break;
    }
    return static_cast<std::uint64_t>(std::llround(clients));
}

}  // namespace stickybalancer::counting
