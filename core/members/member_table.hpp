// SPDX-License-Identifier: Apache-2.0
//
// The members of one balancer, as they were configured at one moment: an immutable snapshot. What
// changes from request to request is read through each member's LiveState; what an administrator
// changes (routes, weights, sets, members) makes a new table.
//
// Sets: members of a lower set are used before those of a higher one. Within a set, standbys are
// used when no other member of the set is; a spare takes the place of a member that is unusable,
// one for one.
//
// Thread safety: as an immutable object's. Lifetime: text is copied; LiveState points into the
// host's memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/members/drain.hpp"
#include "core/members/member_state.hpp"
#include "core/members/slow_start.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::members {

using MemberIndex = std::uint32_t;  // place in the table, in configuration order
inline constexpr MemberIndex kNoMember = 0xFFFFFFFF;

// Names a route in 64 bits, the same on every machine and for ever: cookies hold it. FNV-1a, by
// Fowler, Noll and Vo. Routes are the administrator's, so nobody makes two of them collide on purpose.
constexpr std::uint64_t route_digest(std::string_view route) noexcept
{
    std::uint64_t digest = 14695981039346656037U;
    for (const char c : route)
        digest = (digest ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return digest;
}

// When the clients of a standby are sent home, to a member that is none.
enum class Failback : std::uint8_t { kNever = 0, kIdle = 1, kImmediate = 2 };

struct Member {
    std::uint64_t handle = 0;  // the host's own name for it
    std::string route;         // empty: cannot be asked for
    std::string redirect;      // the route to use while this member is unusable; empty: none
    std::uint32_t weight = 1;  // 0: bound clients only
    std::uint32_t set = 0;
    LiveState live;
    std::uint32_t max_sessions = 0;  // with so many it gets no client that is new to it; 0: any
    SlowStart slow_start = {};
    Failback failback = Failback::kNever;
    std::int64_t failback_idle_s = 0;  // kIdle: after so long without a request
    Drain drain = {};
    bool binds_clients = true;   // false: what the client is told does not bring it back here
    std::uint64_t identity = 0;  // of its URL, the same everywhere; 0: its route stands for it
    std::uint32_t leaf = 0;      // its place in the balancer's shared memory; no two have the same
    shm::MemberLoad *load = nullptr;  // there; null only where nobody counts loads
};

class MemberTable {
public:
    MemberTable(std::vector<Member> members, const StateBits &bits);

    std::span<const Member> all() const noexcept { return members_; }
    const Member &operator[](MemberIndex index) const noexcept { return members_[index]; }
    const StateBits &bits() const noexcept { return bits_; }

    // The first member, in configuration order, that has this route; kNoMember when none has.
    // Cost: one hash of the route and, on average, fewer than two comparisons.
    MemberIndex first_with_route(std::string_view route) const noexcept;
    // The same, by the route's digest.
    MemberIndex first_with_digest(std::uint64_t digest) const noexcept;
    // The member of this identity; kNoMember where there is none, and for 0.
    MemberIndex with_identity(std::uint64_t identity) const noexcept;
    // The next one after `index` with the same route; kNoMember after the last.
    MemberIndex next_with_same_route(MemberIndex index) const noexcept
    {
        return next_same_route_[index];
    }
    // 1 for the first member that has its route, 2 for the second, and so on.
    std::uint32_t number_of_route(MemberIndex index) const noexcept
    {
        return number_of_route_[index];
    }

private:
    std::vector<Member> members_;
    StateBits bits_;
    std::vector<MemberIndex> route_slots_;  // open addressing, a power of two, at most half full
    std::vector<std::uint64_t> route_digests_;
    std::vector<MemberIndex> identity_slots_;  // as route_slots_
    std::vector<MemberIndex> next_same_route_;
    std::vector<std::uint32_t> number_of_route_;
};

}  // namespace stickybalancer::members
