// SPDX-License-Identifier: Apache-2.0
//
// How many distinct clients have left their marks in a sketch: probabilistic counting with stochastic averaging
// (Flajolet and Martin, Probabilistic counting algorithms for data base applications, J. Comput. Syst. Sci. 31,
// 1985), with the estimate of greatest likelihood in place of the formula of that paper, so that a few clients are
// counted as well as many.
//
// A client marks one cell: row r with probability 2^-(r+1), the last row with what is left; any of the m columns
// alike. So with n clients a cell of row r is marked with probability 1 - exp(-n q_r), q_r = 2^-(r+1) / m, each
// nearly independent of the others. Where s_r cells of row r are marked, the likelihood is greatest where
//
//   f(n) = sum of s_r g(n q_r)  -  n * sum of (m - s_r) q_r  =  0,   g(x) = x / (exp(x) - 1)
//
// g falls and is convex, and so is f: Newton's steps from 0 come nearer from below and never pass by.
//
//   2048 columns, nobody 0; one 1; 10,000 clients 10,000 with a standard error of 1.5 % (0.7 / sqrt(m))
//
// Thread safety: pure. Cost: some ten steps of one exponential for each row that has marks.
#pragma once

#include <array>
#include <cstdint>

#include "core/shm/layout.hpp"

namespace stickybalancer::counting {

using MarkedCells = std::array<std::uint32_t, shm::kSketchRows>;  // by row

// columns more than 0, and no row has more marks.
std::uint64_t estimated_clients(const MarkedCells &marked, std::uint32_t columns) noexcept;

}  // namespace stickybalancer::counting
