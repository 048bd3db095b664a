// SPDX-License-Identifier: Apache-2.0
#include "core/selection/view.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace stickybalancer::selection {
namespace {

using members::MemberIndex;

constexpr std::uint32_t kMostRank = 0xFFFE;

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

// Members of one route are told apart by their order, those without by the host's name for them.
std::uint64_t identity_of(const members::MemberTable &table, MemberIndex index)
{
    const auto &member = table[index];
    if (member.identity != 0)
        return member.identity;
    return member.route.empty()
               ? member.handle
               : members::route_digest(member.route) + table.number_of_route(index);
}

balance::Candidate candidate_of(const members::MemberTable &table, MemberIndex index)
{
    const auto &member = table[index];
    return {member.weight, member.leaf, member.load, identity_of(table, index), member.slow_start};
}

}  // namespace

Choice::Choice(const members::MemberTable &table, const std::vector<MemberIndex> &candidates,
               const Placement &placement, std::uint32_t rank)
    : cursor_index_(rank % placement.cursor_count)
{
    balance::Setup setup;
    for (const auto index : candidates) {
        if (table[index].weight == 0)
            continue;
        members_.push_back(index);
        setup.candidates.push_back(candidate_of(table, index));
    }
    if (members_.empty())
        return;
    setup.rank = static_cast<std::uint16_t>(std::min(rank, kMostRank));
    setup.tree = placement.tree;
    setup.total_active = placement.total_active;
    // Choices that share a cursor would share the sum, too: only the first of them has it.
    if (rank < placement.serving_weights.size())
        setup.serving_weight = &placement.serving_weights[rank];
    setup.balance_factor = placement.balance_factor;
    policy_ = placement.policy->make(setup);
}

View::View(persistence::Settings settings_in, Failover failover_in, members::MemberTable members_in,
           const Placement &placement)
    : settings(std::move(settings_in)),
      failover(failover_in),
      members(std::move(members_in)),
      places_unbound(placement.policy != nullptr),
      places_by_key(placement.policy != nullptr && placement.policy->places_by_key),
      tree_(placement.tree),
      seats_(members.all().size()),
      has_seat_(placement.tree.capacity())
{
    const bool counts_all = places_unbound && placement.policy->ranks_by_sessions;
    for (MemberIndex index = 0; index < seats_.size(); ++index)
        seats_[index].counts_sessions =
            members[index].load != nullptr && (counts_all || members[index].max_sessions != 0);
    if (!places_unbound)
        return;
    // More choices than cursors share them, which costs some evenness in sets that are rarely used.
    std::uint32_t choices = 0;
    for (auto &[number, set] : sorted_into_sets(members)) {
        sets.push_back({Choice(members, set.serving, placement, choices),
                        Choice(members, set.standby, placement, choices + 1),
                        std::move(set.regular), std::move(set.spares)});
        choices += 2;
    }
    for (const auto &set : sets) {
        seat(set.serving);
        seat(set.standby);
    }
}

void View::seat(const Choice &choice)
{
    for (balance::Place place = 0; place < choice.all().size(); ++place) {
        const auto index = choice.all()[place];
        seats_[index].choice = &choice;
        seats_[index].place = place;
        if (members[index].leaf < has_seat_.size())
            has_seat_[members[index].leaf] = true;
    }
}

bool View::update(MemberIndex index, bool accepts, base::TimeUs now) const noexcept
{
    const auto &[choice, place, counts_sessions] = seats_[index];
    if (choice == nullptr)
        return false;
    if (!accepts && !members[index].live.is_ready(members.bits(), now))
        choice->policy().forget(place);
    return choice->policy().update(place, accepts, now);
}

SessionCount View::count_session(MemberIndex index) const noexcept
{
    const auto &member = members[index];
    return balance::add_session(*member.load, member.max_sessions) ? SessionCount::kCounted
                                                                   : SessionCount::kNoRoom;
}

SessionCount View::begun(MemberIndex index, bool places_session, base::TimeUs now) const noexcept
{
    const auto &seat = seats_[index];
    auto count = SessionCount::kNone;
    if (places_session && seat.counts_sessions)
        count = count_session(index);
    if (count != SessionCount::kNoRoom && seat.choice != nullptr)
        seat.choice->policy().begun(seat.place, places_session, now);
    return count;
}

void View::ended(MemberIndex index, const balance::Outcome &outcome,
                 base::TimeUs now) const noexcept
{
    const auto &seat = seats_[index];
    if (outcome.gives_session_back() && members[index].load != nullptr)
        balance::take_session_back(*members[index].load);
    if (seat.choice != nullptr)
        seat.choice->policy().ended(seat.place, outcome, now);
}

bool View::accepts_unbound_at(std::uint32_t member_count, base::TimeUs now) const noexcept
{
    std::uint32_t found = 0;
    for (MemberIndex index = 0; index < members.all().size() && found < member_count; ++index)
        found += members[index].weight != 0 && accepts_unbound(index, now) &&
                 !members[index].live.has_just_failed(members.bits(), now);
    return found >= member_count;
}

void View::call_spares(const MemberSet &set, base::TimeUs now) const noexcept
{
    if (set.spares.empty())
        return;
    auto places = std::count_if(set.regular.begin(), set.regular.end(),
                                [&](MemberIndex index) { return !accepts_unbound(index, now); });
    for (const auto spare : set.spares) {
        const bool can_serve = accepts_unbound(spare, now);
        update(spare, can_serve && places > 0, now);
        places -= can_serve;
    }
}

void View::clear_strays() const noexcept
{
    for (balance::Leaf leaf = 0; leaf < has_seat_.size(); ++leaf)
        if (!has_seat_[leaf] && tree_.key(leaf) != balance::kNever)
            tree_.set(leaf, balance::kNever);
}

void View::refresh(base::TimeUs now) const noexcept
{
    for (MemberIndex index = 0; index < seats_.size(); ++index)
        if (seats_[index].counts_sessions)
            balance::decay_sessions(*members[index].load, now);
    for (const auto &set : sets) {
        for (const auto *choice : {&set.serving, &set.standby})
            if (!choice->empty())
                choice->policy().refresh(now);
        for (const auto *indices : {&set.regular, &set.standby.all()})
            for (const auto index : *indices)
                update(index, accepts_unbound(index, now), now);
        call_spares(set, now);
    }
    clear_strays();
    tree_.repair();
}

}  // namespace stickybalancer::selection
