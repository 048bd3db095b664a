// SPDX-License-Identifier: Apache-2.0
#include "core/overrides/merge.hpp"

namespace stickybalancer::overrides {
namespace {

template <typename T>
void merge_field(T shm::MemberConfig::*member, Field field, const shm::MemberConfig &before,
                 const shm::MemberConfig &now, const shm::MemberConfig &in_force, Merge &result)
{
    const auto &configured = now.*member;
    const auto &current = in_force.*member;
    const bool is_operators = !(current == before.*member) && !(current == configured);
    const bool is_changed = !(configured == before.*member);
    result.merged.*member = is_changed ? configured : current;
    if (is_operators)
        (is_changed ? result.overridden : result.kept) |= field;
}

}  // namespace

Merge merge(const shm::MemberConfig &before, const shm::MemberConfig &now,
            const shm::MemberConfig &in_force) noexcept
{
    Merge result;
    using Config = shm::MemberConfig;
    merge_field(&Config::weight_hundredths, kWeight, before, now, in_force, result);
    merge_field(&Config::set, kSet, before, now, in_force, result);
    merge_field(&Config::route, kRoute, before, now, in_force, result);
    merge_field(&Config::redirect, kRedirect, before, now, in_force, result);

    const auto changed = before.state_bits ^ now.state_bits;
    const auto operators = before.state_bits ^ in_force.state_bits;
    result.merged.state_bits = (now.state_bits & changed) | (in_force.state_bits & ~changed);
    result.kept_state_bits = operators & ~changed;
    if (result.kept_state_bits != 0)
        result.kept |= kState;
    return result;
}

}  // namespace stickybalancer::overrides
