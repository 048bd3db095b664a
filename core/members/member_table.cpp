// SPDX-License-Identifier: Apache-2.0
#include "core/members/member_table.hpp"

#include <bit>
#include <utility>

namespace stickybalancer::members {
namespace {

// Where the search for a digest begins. What a client sends is only looked up: it cannot make a long
// sequence of probes.
constexpr std::size_t first_slot(std::uint64_t digest) noexcept
{
    return static_cast<std::size_t>(digest ^ (digest >> 32));
}

}  // namespace

MemberTable::MemberTable(std::vector<Member> members, const StateBits &bits)
    : members_(std::move(members)),
      bits_(bits),
      route_slots_(std::bit_ceil(2 * members_.size() + 1), kNoMember),
      route_digests_(members_.size()),
      identity_slots_(route_slots_.size(), kNoMember),
      next_same_route_(members_.size(), kNoMember),
      number_of_route_(members_.size(), 1)
{
    const auto mask = route_slots_.size() - 1;
    // From the last to the first, so that each chain of equal routes is in configuration order.
    for (auto index = static_cast<MemberIndex>(members_.size()); index-- > 0;) {
        const auto &route = members_[index].route;
        if (route.empty())
            continue;
        route_digests_[index] = route_digest(route);
        auto slot = first_slot(route_digests_[index]) & mask;
        while (route_slots_[slot] != kNoMember && members_[route_slots_[slot]].route != route)
            slot = (slot + 1) & mask;
        next_same_route_[index] = route_slots_[slot];
        route_slots_[slot] = index;
    }
    for (MemberIndex index = 0; index < members_.size(); ++index) {
        auto slot = first_slot(members_[index].identity) & mask;
        while (identity_slots_[slot] != kNoMember)
            slot = (slot + 1) & mask;
        identity_slots_[slot] = index;
    }
    for (MemberIndex index = 0; index < members_.size(); ++index)
        if (const auto next = next_same_route_[index]; next != kNoMember)
            number_of_route_[next] = number_of_route_[index] + 1;
}

MemberIndex MemberTable::first_with_route(std::string_view route) const noexcept
{
    if (route.empty())
        return kNoMember;
    const auto member = first_with_digest(route_digest(route));
    return member != kNoMember && members_[member].route == route ? member : kNoMember;
}

MemberIndex MemberTable::with_identity(std::uint64_t identity) const noexcept
{
    const auto mask = identity_slots_.size() - 1;
    for (auto slot = first_slot(identity) & mask; identity_slots_[slot] != kNoMember;
         slot = (slot + 1) & mask)
        if (members_[identity_slots_[slot]].identity == identity)
            return identity != 0 ? identity_slots_[slot] : kNoMember;
    return kNoMember;
}

MemberIndex MemberTable::first_with_digest(std::uint64_t digest) const noexcept
{
    const auto mask = route_slots_.size() - 1;
    // Ends: at most half of the slots are taken.
    for (auto slot = first_slot(digest) & mask; route_slots_[slot] != kNoMember;
         slot = (slot + 1) & mask)
        if (route_digests_[route_slots_[slot]] == digest)
            return route_slots_[slot];
    return kNoMember;
}

}  // namespace stickybalancer::members
