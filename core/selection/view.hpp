// SPDX-License-Identifier: Apache-2.0
//
// One balancer as a decision sees it: its settings, its members, and the order in which unbound
// requests are offered to them. Immutable; made again when an administrator changes something.
//
// What the policies know of members is in shared memory. Decisions set members aside that they find
// unable to serve; refresh() brings them back, and puts right whatever processes that died, or that had
// other members, left there.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/balance/placed_sessions.hpp"
#include "core/balance/policy.hpp"
#include "core/members/member_table.hpp"
#include "core/persistence/settings.hpp"
#include "core/stick_table/shard.hpp"

namespace stickybalancer::selection {

struct Failover {
    bool last_resort = true;  // when every member has failed, one is tried all the same
};

// How unbound requests are placed. All memory is the balancer's, shared by the processes.
struct Placement {
    const balance::PolicyEntry *policy = nullptr;  // null: somebody else places them
    std::uint32_t cursor_count = 1;
    balance::LoadTree tree = {};  // above the leaves of all members; roundrobin needs none
    const base::Relaxed<std::uint64_t> *total_active = nullptr;    // balance/policy.hpp
    std::span<base::Relaxed<std::uint64_t>> serving_weights = {};  // one a cursor, or none
    std::uint32_t balance_factor = 0;
};

// What became of an attempt's session.
enum class SessionCount : std::uint8_t { kNone, kCounted, kNoRoom };

// Members that a policy chooses among, and the policy made for them.
class Choice {
public:
    Choice() = default;
    // Members of weight 0 are for bound clients only, and left out. Choices are asked by rank.
    Choice(const members::MemberTable &table, const std::vector<members::MemberIndex> &candidates,
           const Placement &placement, std::uint32_t rank);

    bool empty() const noexcept { return members_.empty(); }
    const std::vector<members::MemberIndex> &all() const noexcept { return members_; }  // by place
    const balance::Policy &policy() const noexcept { return *policy_; }
    std::uint32_t cursor_index() const noexcept { return cursor_index_; }

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

class View {
public:
    // Nothing shared is written: refresh() before the first pick.
    View(persistence::Settings settings, Failover failover, members::MemberTable members,
         const Placement &placement);

    persistence::Settings settings;
    Failover failover;
    stick_table::Limits session_limits = {};  // of the balancer's table, where it has one
    members::MemberTable members;
    std::vector<MemberSet>
        sets;  // in the order of use; empty where somebody else places unbound requests
    bool places_unbound = false;
    bool places_by_key = false;  // whoever has a key; balance/policy.hpp

    // It serves its own clients.
    bool accepts_bound(members::MemberIndex index, base::TimeUs now) const noexcept
    {
        return members[index].live.is_ready(members.bits(), now) && !is_overdue(index, now);
    }
    // It has been draining for longer than its deadline allows.
    bool is_overdue(members::MemberIndex index, base::TimeUs now) const noexcept
    {
        const auto &member = members[index];
        return member.live.is_draining(members.bits()) && member.drain.is_overdue(now);
    }
    bool accepts_unbound(members::MemberIndex index, base::TimeUs now) const noexcept
    {
        const auto &live = members[index].live;
        return live.is_ready(members.bits(), now) && !live.is_draining(members.bits()) &&
               !is_full(index);
    }
    // It has as many sessions as it may have.
    bool is_full(members::MemberIndex index) const noexcept
    {
        const auto &member = members[index];
        return member.max_sessions != 0 && balance::is_full(*member.load, member.max_sessions);
    }

    // At least so many members would take a client of nobody's now, each by itself: standbys and spares are
    // asked like the others. One whose last try failed within its interval is not among them, though requests
    // try it all the time where nobody serves. Looks no further than it needs to.
    bool accepts_unbound_at(std::uint32_t member_count, base::TimeUs now) const noexcept;

    // An attempt on this member begins, or has ended; for bound clients, too. MemberLoad::active has
    // been moved before. `places_session`: the client is new to the member. Its session is counted
    // where somebody needs that: kNoRoom says that the member has come to be full meanwhile; no
    // policy hears of the attempt then, and it is not to be made.
    SessionCount begun(members::MemberIndex index, bool places_session,
                       base::TimeUs now) const noexcept;
    void ended(members::MemberIndex index, const balance::Outcome &outcome,
               base::TimeUs now) const noexcept;

    // Looks at all members; by one process about once a second, and by each that made a new view.
    void refresh(base::TimeUs now) const noexcept;
    // The policies learn which spares of the set are to serve, and which are not.
    void call_spares(const MemberSet &set, base::TimeUs now) const noexcept;
    // A policy learns whether one of its members serves; true: it thought otherwise.
    bool update(members::MemberIndex index, bool accepts, base::TimeUs now) const noexcept;

private:
    struct Seat {
        const Choice *choice = nullptr;  // null: no policy chooses this member
        balance::Place place = balance::kNobody;
        bool counts_sessions = false;  // the policy or a limit goes by them
    };
    SessionCount count_session(members::MemberIndex index) const noexcept;
    void seat(const Choice &choice);
    void clear_strays() const noexcept;

    balance::LoadTree tree_;
    std::vector<Seat> seats_;     // by member
    std::vector<bool> has_seat_;  // by leaf
};

}  // namespace stickybalancer::selection
