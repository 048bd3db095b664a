// SPDX-License-Identifier: Apache-2.0
//
// How an unbound request is placed. A policy is made from the members it chooses among, off the path
// of requests, and proposes; whether the proposed member may serve is not its business
// (selection/pick.hpp): it is asked again. It never sees a cookie.
//
// A member is known by its place in the list of candidates, and to all processes by its leaf, which
// is its place in the balancer as long as the shared memory lives.
//
// Thread safety: an immutable object in each process; what moves is in memory that processes share,
// and is only read and written by atomics. No call allocates, takes a lock, or looks at all members,
// but refresh().
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/balance/load_tree.hpp"
#include "core/base/relaxed.hpp"
#include "core/base/time.hpp"
#include "core/members/slow_start.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::balance {

using Cursor = base::Relaxed<std::uint64_t>;
using Place = std::uint32_t;
inline constexpr Place kNobody = 0xFFFFFFFF;

struct Candidate {
    std::uint32_t weight = 1;         // 1 or more
    Leaf leaf = 0;                    // below the capacity of the tree; no two have the same
    shm::MemberLoad *load = nullptr;  // never null; may be shared by all processes
    std::uint64_t identity = 0;       // the same on every machine and for ever; hash is made of it
    members::SlowStart slow_start = {};
};

// What a policy is made from.
struct Setup {
    std::vector<Candidate> candidates;  // at least one
    std::uint16_t rank = 0;             // of these members, among all that share the tree
    LoadTree tree = {};
    // The rest is for policies with a bounded load. What all members have under way, kept by whoever
    // keeps MemberLoad::active; null: nobody does, and there is no bound.
    const base::Relaxed<std::uint64_t> *total_active = nullptr;
    // The sum of the weights that can serve, in 0 for unknown; null: all are taken to.
    base::Relaxed<std::uint64_t> *serving_weight = nullptr;
    std::uint32_t balance_factor = 0;  // percent of the fair share, more than 100; 0: no bound
};

// One question of one decision.
struct Question {
    Cursor &cursor;
    std::uint64_t key = 0;  // digest of what the client is hashed by; 0: nothing
    base::TimeUs now;
    // The leaves that this decision was offered and that cannot serve it, in any choice.
    std::span<const Leaf> refused;

    bool has_refused(Leaf leaf) const noexcept
    {
        return std::find(refused.begin(), refused.end(), leaf) != refused.end();
    }
};

// How an attempt ended.
struct Outcome {
    base::DurationUs response_time;
    bool is_answered = true;      // the member sent an answer, whatever it said
    bool placed_session = false;  // it was counted, for a client that was new to the member
    bool binds_nobody = false;    // the answer leads nobody back to the member

    // The client has heard nothing of the member, or nothing that makes it its own.
    bool gives_session_back() const noexcept
    {
        return placed_session && (!is_answered || binds_nobody);
    }
};

class Policy {
public:
    virtual ~Policy() = default;

    // The place of the member whose turn it is, or kNobody. Writes one shared cache line at most.
    virtual Place propose(const Question &question) const noexcept = 0;

    // A policy that knows who cannot serve keeps to what update() said, and means it when it answers
    // kNobody. Others propose everybody, and kNobody only says that they have lost patience.
    virtual bool knows_who_serves() const noexcept { return false; }
    // How often it is worth asking in one decision.
    virtual int most_proposals() const noexcept { return 32; }

    // The member's state has changed, or may have. True: what was known was something else.
    virtual bool update(Place, bool /*accepts*/, base::TimeUs) const noexcept { return false; }

    // The member can serve nobody, bound clients neither: what was measured of it is no more. Said again
    // as long as that lasts.
    virtual void forget(Place) const noexcept {}

    // An attempt begins or has ended, of a bound client or of one that a policy has placed.
    // MemberLoad::active has been moved already, and MemberLoad::sessions where they are counted.
    virtual void begun(Place, bool /*places_session*/, base::TimeUs) const noexcept {}
    virtual void ended(Place, const Outcome &, base::TimeUs) const noexcept {}

    // What time alone changes; by one process about once a second, before it updates every member.
    virtual void refresh(base::TimeUs) const noexcept {}
};

// The register of policies: an administrator writes `lbmethod=NAME`.
struct PolicyEntry {
    std::string_view name;
    std::unique_ptr<const Policy> (*make)(const Setup &setup);
    bool places_by_key = false;      // a client that has a key belongs to its member
    bool ranks_by_sessions = false;  // they are to be counted, whether or not they are limited
};
std::span<const PolicyEntry> policies() noexcept;
const PolicyEntry *find_policy(std::string_view name) noexcept;  // null: not one of ours

}  // namespace stickybalancer::balance
