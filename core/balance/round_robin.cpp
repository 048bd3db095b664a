// SPDX-License-Identifier: Apache-2.0
#include "core/balance/round_robin.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/balance/mix.hpp"

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

std::vector<std::uint32_t> weights_of(const std::vector<Candidate> &candidates)
{
    std::vector<std::uint32_t> weights;
    for (const auto &candidate : candidates)
        weights.push_back(candidate.weight);
    return weights;
}

// Turns that are let pass in one decision: when everybody is starting, somebody has to serve.
constexpr int kMostPassed = 8;

}  // namespace

RoundRobin::RoundRobin(const Setup &setup) : RoundRobin(weights_of(setup.candidates))
{
    for (const auto &candidate : setup.candidates)
        starts_.push_back(candidate.slow_start);
    if (std::none_of(starts_.begin(), starts_.end(), [](auto &s) { return s.is_configured(); }))
        starts_.clear();
}

std::uint64_t RoundRobin::next(Cursor &cursor, base::TimeUs now) const noexcept
{
    auto &batch = batches_.mine();
    auto word = batch.word.load();
    if (const auto [turn, left] = unpacked(word);
        left > 0 &&
        batch.word.compare_exchange(word, packed({turn + 1, static_cast<std::uint8_t>(left - 1)})))
        return turn;
    auto turn = cursor.load();
    const auto began_us = static_cast<std::int64_t>(batch.from.load());
    const bool is_hot = began_us != 0 && now.us - began_us <= kHot_us && turn != batch.until.load();
    if (!is_hot && cursor.compare_exchange(turn, turn + 1))
        return turn;
    return next_of_batch(cursor, now);
}

std::uint64_t RoundRobin::next_of_batch(Cursor &cursor, base::TimeUs now) const noexcept
{
    auto &batch = batches_.mine();
    const auto turn = cursor.fetch_add(kBatch);
    auto word = batch.word.load();
    // Another thread of this line may have put a batch there, which stays; this one's rest is lost.
    if (unpacked(word).left == 0)
        batch.word.compare_exchange(word, packed({turn + 1, kBatch - 1}));
    batch.from.store(static_cast<std::uint64_t>(now.us));
    batch.until.store(turn + kBatch);
    return turn;
}

Place RoundRobin::take_turn_by_share(const Question &question) const noexcept
{
    for (int i = 0;; ++i) {
        const auto turn = next(question.cursor, question.now);
        const auto place = turns_[turn % turns_.size()];
        if (i == kMostPassed ||
            mixed(turn) % members::kFullShare < starts_[place].share(question.now))
            return place;
    }
}

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
