// SPDX-License-Identifier: Apache-2.0
#include "core/balance/round_robin.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace stickybalancer::balance {
namespace {

// The smallest weights of the same proportions; rounded where their sum would pass `longest`.
std::vector<std::uint64_t> reduced(std::span<const std::uint32_t> weights, std::uint64_t longest)
{
    std::uint64_t divisor = 0;
    for (const auto weight : weights)
        divisor = std::gcd(divisor, std::uint64_t{weight});
    std::vector<std::uint64_t> small(weights.begin(), weights.end());
    std::uint64_t sum = 0;
    for (auto &weight : small)
        sum += weight /= divisor;
    if (sum > longest)
        for (auto &weight : small)
            weight = std::max<std::uint64_t>(1, weight * longest / sum);
    return small;
}

struct Turn {
    std::uint64_t due;   // of 2^32 a period
    std::uint32_t rank;  // of the class: where its first member stands
    std::uint32_t member;
    auto operator<=>(const Turn &) const = default;
};

// Members of one weight, in configuration order.
using Classes = std::map<std::uint64_t, std::vector<std::uint32_t>>;

Classes classes_of(const std::vector<std::uint64_t> &weights)
{
    Classes classes;
    for (std::uint32_t member = 0; member < weights.size(); ++member)
        classes[weights[member]].push_back(member);
    return classes;
}

}  // namespace

RoundRobin::RoundRobin(std::span<const std::uint32_t> weights)
{
    const auto small =
        reduced(weights, std::max<std::uint64_t>(kLongestPeriod, 8 * weights.size()));
    std::vector<Turn> turns;
    turns.reserve(std::accumulate(small.begin(), small.end(), std::uint64_t{0}));
    for (const auto &[weight, members] : classes_of(small)) {
        const auto count = weight * members.size();
        for (std::uint64_t k = 0; k < count; ++k)
            turns.push_back(
                {((2 * k + 1) << 31) / count, members.front(), members[k % members.size()]});
    }
    std::sort(turns.begin(), turns.end());
    turns_.reserve(turns.size());
    for (const auto &turn : turns)
        turns_.push_back(turn.member);
}

}  // namespace stickybalancer::balance
