// SPDX-License-Identifier: Apache-2.0
#include "core/selection/view.hpp"

#include <map>
#include <utility>

namespace stickybalancer::selection {
namespace {

using members::MemberIndex;

struct SetMembers {
    std::vector<MemberIndex> serving, standby, regular, spares;
};

// By set number, lowest first; within each in configuration order.
std::map<std::uint32_t, SetMembers> sorted_into_sets(const members::MemberTable &table)
{
    std::map<std::uint32_t, SetMembers> sets;
    for (MemberIndex index = 0; index < table.all().size(); ++index) {
        const auto &member = table[index];
        auto &set = sets[member.set];
        if (member.live.is_standby(table.bits())) {
            set.standby.push_back(index);
            continue;
        }
        set.serving.push_back(index);
        (member.live.is_spare(table.bits()) ? set.spares : set.regular).push_back(index);
    }
    return sets;
}

}  // namespace

Choice::Choice(const members::MemberTable &table, const std::vector<MemberIndex> &candidates,
               const balance::PolicyEntry &policy, std::uint32_t cursor_index)
    : cursor_index_(cursor_index)
{
    std::vector<std::uint32_t> weights;
    for (const auto index : candidates) {
        if (table[index].weight == 0)
            continue;
        members_.push_back(index);
        weights.push_back(table[index].weight);
    }
    if (!members_.empty())
        policy_ = policy.make(weights);
}

View::View(persistence::Settings settings_in, Failover failover_in, members::MemberTable members_in,
           const balance::PolicyEntry *policy, std::uint32_t cursor_count)
    : settings(std::move(settings_in)),
      failover(failover_in),
      members(std::move(members_in)),
      places_unbound(policy != nullptr)
{
    if (policy == nullptr)
        return;
    // More choices than cursors share them, which costs some evenness in sets that are rarely used.
    std::uint32_t choices = 0;
    for (auto &[number, set] : sorted_into_sets(members)) {
        sets.push_back({Choice(members, set.serving, *policy, choices++ % cursor_count),
                        Choice(members, set.standby, *policy, choices++ % cursor_count),
                        std::move(set.regular), std::move(set.spares)});
    }
}

}  // namespace stickybalancer::selection
