// SPDX-License-Identifier: Apache-2.0
//
// A policy with members of its own, all of them up: what it proposes, and attempts that begin and end. Sessions
// are counted, as a view counts them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "core/balance/placed_sessions.hpp"
#include "core/balance/policy.hpp"
#include "test/unit/support/tree_memory.hpp"

namespace stickybalancer::test {

using Weights = std::vector<std::uint32_t>;

class Choosing {
public:
    explicit Choosing(std::string_view policy_name, const Weights &weights,
                      std::uint32_t balance_factor = 0, std::uint32_t capacity = 0)
        : tree(std::max(capacity, static_cast<std::uint32_t>(weights.size()))),
          loads(weights.size())
    {
        setup.tree = tree.tree();
        setup.total_active = &total_active;
        setup.serving_weight = &serving_weight;
        setup.balance_factor = balance_factor;
        for (balance::Leaf leaf = 0; leaf < weights.size(); ++leaf) {
            balance::Candidate candidate;
            candidate.weight = weights[leaf];
            candidate.leaf = leaf;
            candidate.load = &loads[leaf];
            candidate.identity = 1000 + leaf;
            setup.candidates.push_back(candidate);
        }
        make(policy_name);
    }

    // Again, as another process would, with what `setup` says now.
    void make(std::string_view policy_name)
    {
        policy = balance::find_policy(policy_name)->make(setup);
        refresh();
    }
    void refresh()
    {
        for (auto &load : loads)
            balance::decay_sessions(load, now);
        policy->refresh(now);
        for (balance::Place place = 0; place < setup.candidates.size(); ++place)
            policy->update(place, true, now);
        setup.tree.repair();
    }

    balance::Place propose(std::uint64_t key = 0, std::span<const balance::Leaf> refused = {})
    {
        return policy->propose({cursor, key, now, refused});
    }
    void begin(balance::Place place, bool places_session = true)
    {
        loads[place].active.fetch_add(1);
        total_active.fetch_add(1);
        if (places_session)
            balance::add_session(loads[place], 0);
        policy->begun(place, places_session, now);
    }
    void end(balance::Place place, const balance::Outcome &outcome = {})
    {
        loads[place].active.fetch_add(~0U);
        total_active.fetch_add(~std::uint64_t{0});
        if (outcome.gives_session_back())
            balance::take_session_back(loads[place]);
        policy->ended(place, outcome, now);
    }
    balance::Place place(std::uint64_t key = 0)
    {
        const auto chosen = propose(key);
        begin(chosen);
        return chosen;
    }
    std::uint32_t active(balance::Place place) const { return loads[place].active.load(); }

    // Proposals without attempts, a letter each.
    std::string proposals(int count)
    {
        std::string letters;
        for (int i = 0; i < count; ++i)
            letters += static_cast<char>('a' + propose());
        return letters;
    }

    base::TimeUs now{1'700'000'000'000'000};
    TreeMemory tree;
    std::vector<shm::MemberLoad> loads;
    base::Relaxed<std::uint64_t> total_active{}, serving_weight{};
    balance::Cursor cursor{};
    balance::Setup setup;
    std::unique_ptr<const balance::Policy> policy;
};

}  // namespace stickybalancer::test
