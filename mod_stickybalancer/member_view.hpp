// SPDX-License-Identifier: Apache-2.0
//
// What can be told of a balancer and its members, for whoever shows it: names, what is asked of each
// member, what it is, what it does.
//
// Thread safety: any thread of a child. Each number is read once, so that sums are those of what is
// shown, but for totals, which are summed in the region; of two numbers each is right at its own instant.
#pragma once

#include <cstdint>
#include <span>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/health_lines.hpp"
#include "mod_stickybalancer/member_names.hpp"

namespace stickybalancer {

struct MemberView {
    const char *name;   // member_names.hpp
    const char *label;  // of StickyMember; "": none
    const char *url;
    const char *place;  // HOST:PORT, or where its socket is
    const char *route;  // "": none
    std::uint32_t weight_hundredths;
    std::uint32_t set;
    bool is_standby;                // or a spare
    bool is_added;                  // at run time
    bool takes_new_clients;         // those of nobody's; as a standby, when it is needed
    std::uint32_t min_connections;  // of StickyMember; 0: none
    std::uint32_t max_connections;
    std::uint32_t max_sessions;
    CheckKind check_kind;  // health_lines.hpp
    sb_member_request request;
    sb_member_state state;
    sb_member_drain drain;
    sb_member_load load;
    sb_member_check check;
    sb_member_sessions sessions;
    sb_member_totals totals;
};

struct BalancerView {
    const char *name;
    std::span<const MemberView> members;  // that were asked for, in the order of members_of()
    std::size_t member_count;             // all of them
    std::size_t taking_count;             // those of them that take new clients
    // Over all members: sums, and of times the latest. Totals are of those, too, that are no more.
    std::uint64_t active;
    std::uint64_t connecting;
    std::uint64_t queued;
    sb_member_sessions sessions;
    sb_member_totals totals;
    std::uint64_t checks_passed;
    std::uint64_t checks_failed;
};

// How exact the number is: "none" is counted, "exact" or "estimate".
const char *kind_of(const sb_member_sessions &sessions);

// Which members are looked at closely: those at `places`, in ascending order, where these are not null; else `count` of
// them from the `first` on.
struct ViewRange {
    std::size_t first = 0;
    std::size_t count = SIZE_MAX;
    const std::size_t *places = nullptr;
};

// The balancer is as the next request would find it: changes and members of other processes are taken in.
void take_in_changes(Attached &attached, request_rec *r);

// As it is behind take_in_changes(), which is called here. Members that were removed at run time are not there.
// `pool`: what is told lives as long.
// Cost: a few lines of the region for each process and member; the region's lock for each that is looked at closely.
BalancerView view_of(Attached &attached, request_rec *r, apr_pool_t *pool,
                     const ViewRange &range = {});

// The same of one of its members.
MemberView view_of(Attached &attached, apr_pool_t *pool, const MemberNames &names,
                   const proxy_worker &worker);

}  // namespace stickybalancer
