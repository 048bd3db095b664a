// SPDX-License-Identifier: Apache-2.0
//
// One balancer as a decision sees it: its settings, its members, and the order in which unbound
// requests are offered to them. Immutable; made again when an administrator changes something.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/balance/policy.hpp"
#include "core/members/member_table.hpp"
#include "core/persistence/settings.hpp"

namespace stickybalancer::selection {

struct Failover {
    bool forbidden = false;   // a bound client is served by its member, its redirect, or not at all
    bool last_resort = true;  // when every member has failed, try one all the same
};

// Members that a policy chooses among, and the policy made from their weights.
class Choice {
public:
    Choice() = default;
    // Members of weight 0 are for bound clients only, and left out.
    Choice(const members::MemberTable &table, const std::vector<members::MemberIndex> &candidates,
           const balance::PolicyEntry &policy, std::uint32_t cursor_index);

    bool empty() const noexcept { return members_.empty(); }
    const std::vector<members::MemberIndex> &all() const noexcept { return members_; }
    members::MemberIndex propose(balance::Cursor *cursors) const noexcept
    {
        return members_[policy_->propose(cursors[cursor_index_])];
    }

private:
    std::vector<members::MemberIndex> members_;
    std::unique_ptr<const balance::Policy> policy_;
    std::uint32_t cursor_index_ = 0;
};

// The members of one set (httpd: lbset).
struct MemberSet {
    Choice serving;                             // all but standbys
    Choice standby;                             // when none of the others can
    std::vector<members::MemberIndex> regular;  // all that are neither standby nor spare
    std::vector<members::MemberIndex> spares;   // in the order in which they step in
};

struct View {
    View(persistence::Settings settings, Failover failover, members::MemberTable members,
         const balance::PolicyEntry *policy, std::uint32_t cursor_count);

    persistence::Settings settings;
    Failover failover;
    members::MemberTable members;
    std::vector<MemberSet>
        sets;  // in the order of use; empty where somebody else places unbound requests
    bool places_unbound = false;
};

}  // namespace stickybalancer::selection
