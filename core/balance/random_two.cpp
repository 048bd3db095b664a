// SPDX-License-Identifier: Apache-2.0
#include "core/balance/random_two.hpp"

#include <algorithm>
#include <numeric>

namespace stickybalancer::balance {
namespace {

constexpr int kMostDraws = 8;

}  // namespace

RandomTwo::RandomTwo(const Setup &setup)
    : candidates_(setup.candidates), columns_(candidates_.size())
{
    fill_columns();
}

void RandomTwo::fill_columns()
{
    const auto sum = std::accumulate(candidates_.begin(), candidates_.end(), 0.0,
                                     [](double s, const auto &c) { return s + c.weight; });
    std::vector<double> heights;  // in averages
    std::vector<Place> low, high;
    for (Place place = 0; place < candidates_.size(); ++place) {
        heights.push_back(candidates_[place].weight * static_cast<double>(candidates_.size()) /
                          sum);
        (heights[place] < 1 ? low : high).push_back(place);
    }
    while (!low.empty() && !high.empty()) {
        const auto giver = high.back(), taker = low.back();
        low.pop_back();
        columns_[taker] = {static_cast<std::uint32_t>(heights[taker] * 0x1p32), giver};
        heights[giver] -= 1 - heights[taker];
        if (heights[giver] < 1) {
            high.pop_back();
            low.push_back(giver);
        }
    }
    for (const auto *full : {&low, &high})
        for (const auto place : *full)
            columns_[place] = {0xFFFF'FFFF, place};
}

Place RandomTwo::draw(std::uint64_t number) const noexcept
{
    // The upper half chooses the column, the lower the height.
    const auto place = static_cast<Place>((number >> 32) * columns_.size() >> 32);
    const auto &column = columns_[place];
    return static_cast<std::uint32_t>(number) < column.mark ? place : column.above;
}

// A starting member is, as often as its share says.
bool RandomTwo::is_kept(Place place, const Question &question) const noexcept
{
    const auto share = candidates_[place].slow_start.share(question.now);
    return share == members::kFullShare ||
           next_number(numbers_, question.cursor) % members::kFullShare < share;
}

// By weight, and another than `taken`; where luck fails, the next one in order.
Place RandomTwo::draw_for(const Question &question, Place taken) const noexcept
{
    Place drawn = kNobody;
    for (int i = 0; i < kMostDraws; ++i) {
        drawn = draw(next_number(numbers_, question.cursor));
        if (drawn != taken && !question.has_refused(candidates_[drawn].leaf) &&
            is_kept(drawn, question))
            return drawn;
    }
    for (Place i = 0; i < kMostDraws && i < candidates_.size(); ++i) {
        const auto place = static_cast<Place>((drawn + 1ULL + i) % candidates_.size());
        if (place != taken && !question.has_refused(candidates_[place].leaf))
            return place;
    }
    return kNobody;
}

bool RandomTwo::is_less_busy(Place a, Place b, base::TimeUs now) const noexcept
{
    const auto weight_of = [&](const Candidate &c) {
        return static_cast<double>(c.weight) * c.slow_start.share(now);
    };
    const auto &one = candidates_[a], &other = candidates_[b];
    return one.load->active.load() * weight_of(other) < other.load->active.load() * weight_of(one);
}

Place RandomTwo::propose(const Question &question) const noexcept
{
    const auto first = draw_for(question, kNobody);
    const auto second = first == kNobody ? kNobody : draw_for(question, first);
    return second != kNobody && is_less_busy(second, first, question.now) ? second : first;
}

}  // namespace stickybalancer::balance
