// SPDX-License-Identifier: Apache-2.0
//
// What can be told of a balancer and its members, for whoever shows it: names, what is asked of each
// member, what it is, what it does. Texts and list live as long as the request.
//
// Thread safety: any thread of a child. Each number is read once, so that sums are those of what is
// shown; of two numbers each is right at its own instant.
#pragma once

#include <cstdint>
#include <span>

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

struct MemberView {
    const char *name;   // member_names.hpp
    const char *label;  // of StickyMember; "": none
    const char *url;
    const char *place;  // HOST:PORT, or where its socket is
    const char *route;  // "": none
    std::uint32_t weight_hundredths;
    std::uint32_t min_connections;  // of StickyMember; 0: none
    std::uint32_t max_connections;
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
    std::span<const MemberView> members;  // in the order of members_of()
    std::uint64_t active;                 // sums over the members
    std::uint64_t connecting;
    std::uint64_t queued;
};

// As the next request would find it: changes and members of other processes are taken in first.
// Cost: a few lines of the region for each process and member; the region's lock for each member.
BalancerView view_of(Attached &attached, request_rec *r);

}  // namespace stickybalancer
