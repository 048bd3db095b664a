// SPDX-License-Identifier: Apache-2.0
#include "core/balance/consistent_hash.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>

#include "core/balance/mix.hpp"

namespace stickybalancer::balance {
namespace {

constexpr std::size_t kSlotsEach = 100;
constexpr std::size_t kMostMembers = 0xFFFF;

// The primes next to powers of two, so that few numbers of places have another table.
constexpr std::array<std::uint32_t, 8> kPrimes{65'537,    131'071,   262'139,   524'287,
                                               1'048'573, 2'097'143, 4'194'301, 8'388'593};

std::uint32_t table_size(std::size_t places)
{
    for (const auto prime : kPrimes)
        if (prime >= places * kSlotsEach)
            return prime;
    return kPrimes.back();
}

// How many slots each is to have: by weight, at least one, and all of them together. What rounding
// leaves over goes to the greatest remainders.
std::vector<std::uint32_t> quotas(const std::vector<Candidate> &candidates, std::uint32_t size)
{
    const auto sum = std::accumulate(candidates.begin(), candidates.end(), std::uint64_t{0},
                                     [](auto s, const auto &c) { return s + c.weight; });
    std::vector<std::uint32_t> quotas;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> order;  // remainder, identity
    std::vector<Place> by_remainder(candidates.size());
    for (const auto &candidate : candidates) {
        const auto part = std::uint64_t{candidate.weight} * size;
        quotas.push_back(std::max(1U, static_cast<std::uint32_t>(part / sum)));
        order.emplace_back(part % sum, candidate.identity);
    }
    std::iota(by_remainder.begin(), by_remainder.end(), 0U);
    std::sort(by_remainder.begin(), by_remainder.end(),
              [&](Place a, Place b) { return order[a] > order[b]; });
    auto given = std::accumulate(quotas.begin(), quotas.end(), std::uint64_t{0});
    for (std::size_t i = 0; given < size; ++i, ++given)
        ++quotas[by_remainder[i % quotas.size()]];
    for (; given > size; --given)  // of the greatest, where many have less than a slot's weight
        --*std::max_element(quotas.begin(), quotas.end());
    return quotas;
}

// The order in which a member wants the slots: from one on, by steps; size is a prime, so it meets all.
class Wishes {
public:
    Wishes(std::uint64_t identity, std::uint32_t size)
        : size_(size),
          next_(static_cast<std::uint32_t>(mixed(identity) % size)),
          step_(static_cast<std::uint32_t>(mixed(identity ^ kGolden) % (size - 1)) + 1)
    {
    }
    std::uint32_t next()
    {
        const auto wish = next_;
        next_ = next_ >= size_ - step_ ? next_ - (size_ - step_) : next_ + step_;
        return wish;
    }

private:
    std::uint32_t size_, next_, step_;
};

// By identity, so that the table does not depend on the order of the configuration.
std::vector<Place> in_order_of_identity(const std::vector<Candidate> &candidates)
{
    std::vector<Place> order(candidates.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](Place a, Place b) { return candidates[a].identity < candidates[b].identity; });
    return order;
}

std::vector<std::uint16_t> filled(const std::vector<Candidate> &candidates, std::uint32_t size)
{
    const auto quota = quotas(candidates, size);
    std::vector<Wishes> wishes;
    for (const auto &candidate : candidates)
        wishes.emplace_back(candidate.identity, size);
    std::vector<std::uint16_t> slots(size);
    std::vector<bool> is_taken(size);
    const auto take = [&](Place place) {
        auto slot = wishes[place].next();
        while (is_taken[slot])
            slot = wishes[place].next();
        is_taken[slot] = true;
        slots[slot] = static_cast<std::uint16_t>(place);
    };
    const auto order = in_order_of_identity(candidates);
    const std::uint64_t rounds = size / candidates.size() + 1;
    for (std::uint64_t round = 0; round < rounds; ++round)
        for (const auto place : order) {
            const auto before = round * quota[place] / rounds;
            const auto after = (round + 1) * quota[place] / rounds;
            for (auto i = before; i < after; ++i)
                take(place);
        }
    return slots;
}

}  // namespace

ConsistentHash::ConsistentHash(const Setup &setup)
    : RankedPolicy(setup),
      total_active_(setup.total_active),
      serving_weight_(setup.serving_weight),
      balance_factor_(setup.total_active == nullptr ? 0 : setup.balance_factor)
{
    if (candidates().size() > kMostMembers)
        throw std::length_error("too many members to hash over");
    const auto places = std::max<std::size_t>(candidates().size(), setup.tree.capacity());
    slots_ = filled(candidates(), table_size(places));
    for (const auto &candidate : candidates())
        weight_ += candidate.weight;
}

Place ConsistentHash::slot_of(std::uint64_t key, int jump) const noexcept
{
    const auto number = mixed(key + static_cast<std::uint64_t>(jump) * kGolden);
    return slots_[(number >> 32) * slots_.size() >> 32];
}

// What a weight of 1 may have under way, with this request. In doubles nothing overflows, and words that
// others write may be anything.
double ConsistentHash::fair_share_of_one() const noexcept
{
    const auto serving = serving_weight_ != nullptr ? serving_weight_->load() : 0;
    const auto weight = serving > 0 && serving < weight_ ? serving : weight_;
    return (static_cast<double>(total_active_->load()) + 1) / static_cast<double>(weight);
}

Place ConsistentHash::propose(const Question &question) const noexcept
{
    const auto key = question.key != 0 ? question.key : next_number(numbers_, question.cursor);
    const auto most = balance_factor_ == 0 ? 0 : fair_share_of_one() * balance_factor_ / 100;
    for (int jump = 0; jump < kMostJumps; ++jump) {
        const auto place = slot_of(key, jump);
        const auto &candidate = candidates()[place];
        if (question.has_refused(candidate.leaf))
            continue;
        if (balance_factor_ == 0 || candidate.load->active.load() < most * candidate.weight)
            return place;
    }
    return balance_factor_ == 0 ? kNobody : RankedPolicy::propose(question);
}

ConsistentHash::Load ConsistentHash::load_of(const Candidate &candidate,
                                             base::TimeUs) const noexcept
{
    const std::uint64_t active = candidate.load->active.ordered_load();
    return balance_factor_ == 0 ? 0 : per_weight(active + 1, 30, candidate.weight);
}

void ConsistentHash::begun(Place place, bool, base::TimeUs now) const noexcept
{
    if (balance_factor_ != 0)
        follow(place, now);
}

void ConsistentHash::ended(Place place, const Outcome &, base::TimeUs now) const noexcept
{
    if (balance_factor_ != 0)
        follow(place, now);
}

bool ConsistentHash::update(Place place, bool accepts, base::TimeUs now) const noexcept
{
    const bool is_news = RankedPolicy::update(place, accepts, now);
    if (is_news && serving_weight_ != nullptr) {
        const std::uint64_t weight = candidates()[place].weight;
        serving_weight_->fetch_add(accepts ? weight : ~weight + 1);
    }
    return is_news;
}

void ConsistentHash::refresh(base::TimeUs) const noexcept
{
    if (serving_weight_ == nullptr)
        return;
    std::uint64_t serving = 0;
    for (Place place = 0; place < candidates().size(); ++place)
        serving += is_set_aside(place) ? 0 : candidates()[place].weight;
    serving_weight_->store(serving);
}

}  // namespace stickybalancer::balance
