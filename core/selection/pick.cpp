// SPDX-License-Identifier: Apache-2.0
#include "core/selection/pick.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace stickybalancer::selection {
namespace {

using members::kNoMember;
using members::MemberIndex;
using members::Readiness;
using persistence::CookieState;
using persistence::HintSource;

// Turns that are asked of a policy: a few, then, if there is anybody at all, as many as it is worth.
// After that the rest is looked through in order, which bounds the time when nearly all are down.
constexpr int kFirstProposals = 16;
constexpr std::size_t kMostRedirects = 8;

// Members that were offered and refused, in the order of their refusal; beyond these they are forgotten.
class Refusals {
public:
    void add(balance::Leaf leaf) noexcept
    {
        if (count_ < leaves_.size())
            leaves_[count_++] = leaf;
    }
    std::span<const balance::Leaf> all() const noexcept { return {leaves_.data(), count_}; }

private:
    std::array<balance::Leaf, 64> leaves_;
    std::size_t count_ = 0;
};

constexpr std::int64_t seconds_of(base::TimeUs time) noexcept { return time.us / 1'000'000; }

class Picker {
public:
    Picker(const PickRequest &request, const View &view, balance::Cursor *cursors) noexcept
        : request_(request), view_(view), cursors_(cursors)
    {
    }

    // A member with the route of `first`, or with a route that one of these redirects to, and so on;
    // the nearest first. A circle of redirects ends where it began.
    MemberIndex bound_to(MemberIndex first) const noexcept
    {
        std::array<MemberIndex, 1 + kMostRedirects> routes{first};
        std::size_t count = 1;
        for (std::size_t i = 0; i < count; ++i) {
            if (const auto member =
                    first_with_same_route(routes[i], [this](auto each) { return is_ready(each); });
                member != kNoMember)
                return member;
            for (auto index = routes[i]; index != kNoMember && count < routes.size();
                 index = view_.members.next_with_same_route(index)) {
                const auto target = view_.members.first_with_route(view_.members[index].redirect);
                const auto end = routes.begin() + static_cast<std::ptrdiff_t>(count);
                if (target != kNoMember && std::find(routes.begin(), end, target) == end)
                    routes[count++] = target;
            }
        }
        return kNoMember;
    }

    // The member that a session is at; where that cannot serve, another with its route.
    MemberIndex bound_in_table(MemberIndex member) const noexcept
    {
        if (is_ready(member))
            return member;
        return bound_to(first_of_route(member));
    }

    MemberIndex by_policy() noexcept
    {
        for (const auto &set : view_.sets) {
            if (const auto member = ask(set.serving, set); member != kNoMember)
                return member;
            if (const auto member = ask(set.standby, set); member != kNoMember)
                return member;
        }
        return anybody_after_all();
    }

    // A member that is no standby, for a client of this one whose time to go home has come.
    MemberIndex home_from(MemberIndex index, const persistence::Hint &hint) noexcept
    {
        const auto &member = view_.members[index];
        if (is_fixed(hint) || !member.live.is_standby(view_.members.bits()) ||
            !may_go_home(member, hint))
            return kNoMember;
        // A later set is used after this standby, and is no home of its clients.
        for (const auto &set : view_.sets)
            if (const auto home = ask(set.serving, set); home != kNoMember)
                return view_.members[home].set <= member.set ? home : kNoMember;
        return kNoMember;
    }

    // Another member for a client of this draining one; none there is: whom the host places. Nothing: it stays.
    std::optional<MemberIndex> elsewhere_from(MemberIndex index,
                                              const persistence::Hint &hint) noexcept
    {
        if (!is_draining(index) || is_fixed(hint) || !may_leave(view_.members[index], hint))
            return std::nullopt;
        if (!view_.places_unbound)
            return is_anybody_open() ? std::optional(kNoMember) : std::nullopt;
        const auto member = by_policy();
        return member != kNoMember ? std::optional(member) : std::nullopt;
    }

    // The client's own member that is down, and was not tried.
    MemberIndex down_member_of(const persistence::Hint &hint) const noexcept
    {
        const auto will_do = [this](MemberIndex index) {
            return view_.members[index].live.is_down(view_.members.bits(), request_.now) &&
                   !is_tried(index) && !view_.is_overdue(index, request_.now);
        };
        if (request_.when_down != WhenDown::kPersist || hint.source == HintSource::kForced)
            return kNoMember;
        if (hint.source != HintSource::kTable)
            return first_with_same_route(hint.member, will_do);
        return will_do(hint.member) ? hint.member
                                    : first_with_same_route(first_of_route(hint.member), will_do);
    }

    // Nothing but this request's member will do.
    bool is_fixed(const persistence::Hint &hint) const noexcept
    {
        return request_.when_down == WhenDown::kForbid || hint.source == HintSource::kForced;
    }

    // A failed member before its time: the client's own, else, where it may be moved, any.
    MemberIndex last_resort(MemberIndex bound, bool may_move) noexcept
    {
        if (!view_.failover.last_resort || anybody_ready())
            return kNoMember;
        const auto is_failed = [this](MemberIndex index) {
            return readiness(index) == Readiness::kFailed && !is_tried(index) &&
                   !view_.is_overdue(index, request_.now);
        };
        for (auto index = bound; index != kNoMember;
             index = view_.members.next_with_same_route(index))
            if (is_failed(index))
                return index;
        const auto will_do = [&](MemberIndex index) {
            return is_failed(index) && !is_draining(index) && !view_.is_full(index);
        };
        for (const auto &set : view_.sets)
            for (const auto *choice : {&set.serving, &set.standby})
                if (const auto member = may_move ? first_after(*choice, will_do) : kNoMember;
                    member != kNoMember)
                    return member;
        return kNoMember;
    }

    // Somebody would take a new client, and has as many sessions as it may.
    bool is_anybody_full() const noexcept
    {
        for (MemberIndex index = 0; index < view_.members.all().size(); ++index)
            if (view_.is_full(index) && is_ready(index) && !is_draining(index) &&
                view_.members[index].weight != 0)
                return true;
        return false;
    }

    bool is_tried(MemberIndex index) const noexcept
    {
        const auto &tried = request_.tried;
        return std::find(tried.begin(), tried.end(), view_.members[index].handle) != tried.end();
    }

    Readiness readiness(MemberIndex index) const noexcept
    {
        return view_.members[index].live.readiness(view_.members.bits(), request_.now);
    }

private:
    bool may_go_home(const members::Member &standby, const persistence::Hint &hint) const noexcept
    {
        switch (standby.failback) {
        case members::Failback::kImmediate: return true;
        case members::Failback::kIdle: return has_paused(hint, standby.failback_idle_s);
        case members::Failback::kNever: break;
        }
        return false;
    }

    bool may_leave(const members::Member &draining, const persistence::Hint &hint) const noexcept
    {
        const auto idle_s = draining.drain.idle_s();
        return request_.may_move || (idle_s != 0 && has_paused(hint, idle_s));
    }

    // The client has asked for nothing for so long.
    bool has_paused(const persistence::Hint &hint, std::int64_t idle_s) const noexcept
    {
        return hint.cookie_dates.is_known() &&
               seconds_of(request_.now) - hint.cookie_dates.seen_s >= idle_s;
    }

    // Somebody takes new clients.
    bool is_anybody_open() const noexcept
    {
        for (MemberIndex index = 0; index < view_.members.all().size(); ++index)
            if (accepts_unbound(index) && view_.members[index].weight != 0)
                return true;
        return false;
    }

    bool anybody_ready() const noexcept
    {
        for (MemberIndex index = 0; index < view_.members.all().size(); ++index)
            if (is_ready(index))
                return true;
        return false;
    }

    bool is_ready(MemberIndex index) const noexcept
    {
        return view_.accepts_bound(index, request_.now) && !is_tried(index);
    }

    bool is_draining(MemberIndex index) const noexcept
    {
        return view_.members[index].live.is_draining(view_.members.bits());
    }

    bool accepts_unbound(MemberIndex index) const noexcept
    {
        return is_ready(index) && !is_draining(index) &&
               (request_.text.ignore_persistence || !view_.is_full(index));
    }

    bool may_serve(MemberIndex index, const MemberSet &set) const noexcept
    {
        return accepts_unbound(index) && (set.spares.empty() || is_called(set, index));
    }

    // The first with the member's route; itself where it has none.
    MemberIndex first_of_route(MemberIndex member) const noexcept
    {
        const auto first = view_.members.first_with_route(view_.members[member].route);
        return first != kNoMember ? first : member;
    }

    // The first from here on that will do, standbys last.
    template <typename Predicate>
    MemberIndex first_with_same_route(MemberIndex first, const Predicate &will_do) const noexcept
    {
        const auto &bits = view_.members.bits();
        for (const bool standby : {false, true})
            for (auto index = first; index != kNoMember;
                 index = view_.members.next_with_same_route(index))
                if (view_.members[index].live.is_standby(bits) == standby && will_do(index))
                    return index;
        return kNoMember;
    }

    // A spare serves while fewer spares that could stand before it than regular members are
    // unusable.
    bool is_called(const MemberSet &set, MemberIndex index) const noexcept
    {
        const auto place = std::find(set.spares.begin(), set.spares.end(), index);
        if (place == set.spares.end())
            return true;
        const auto before = std::count_if(set.spares.begin(), place, [this](MemberIndex spare) {
            return accepts_unbound(spare);
        });
        const auto unusable =
            std::count_if(set.regular.begin(), set.regular.end(),
                          [this](MemberIndex regular) { return !accepts_unbound(regular); });
        return before < unusable;
    }

    balance::Place propose(const Choice &choice) const noexcept
    {
        return choice.policy().propose(
            {cursors_[choice.cursor_index()], request_.affinity, request_.now, refused_.all()});
    }

    MemberIndex ask(const Choice &choice, const MemberSet &set) noexcept
    {
        if (choice.empty())
            return kNoMember;
        const auto &all = choice.all();
        const auto will_do = [&](MemberIndex index) { return may_serve(index, set); };
        for (int i = 0; i < choice.policy().most_proposals(); ++i) {
            const auto place = propose(choice);
            if (place == balance::kNobody && choice.policy().knows_who_serves())
                return &choice == &set.serving ? first_spare(set) : kNoMember;
            if (place == balance::kNobody)
                break;
            if (may_serve(all[place], set))
                return all[place];
            refuse(all[place], set);
            if (i + 1 == kFirstProposals && std::none_of(all.begin(), all.end(), will_do))
                return kNoMember;
        }
        return first_after(choice, will_do);
    }

    // A member that cannot serve whatever the request is set aside, and its spare steps in at once.
    void refuse(MemberIndex index, const MemberSet &set) noexcept
    {
        refused_.add(view_.members[index].leaf);
        const bool accepts = view_.accepts_unbound(index, request_.now);
        if (accepts && (is_tried(index) || is_called(set, index)))
            return;
        if (view_.update(index, false, request_.now) && !accepts)
            view_.call_spares(set, request_.now);
    }

    // One that this request's history calls, which policies that know who serves have set aside.
    MemberIndex first_spare(const MemberSet &set) const noexcept
    {
        for (const auto spare : set.spares)
            if (view_.members[spare].weight != 0 && may_serve(spare, set))
                return spare;
        return kNoMember;
    }

    // Nobody, say policies that know who serves; but somebody may have come back since they were told.
    // Every member is looked at before a request is turned away.
    MemberIndex anybody_after_all() noexcept
    {
        for (const auto &set : view_.sets)
            for (const auto *choice : {&set.serving, &set.standby}) {
                if (choice->empty() || !choice->policy().knows_who_serves())
                    continue;
                const auto member =
                    first_after(*choice, [&](MemberIndex index) { return may_serve(index, set); });
                if (member == kNoMember)
                    continue;
                if (!view_.is_full(member))
                    view_.update(member, true, request_.now);
                return member;
            }
        return kNoMember;
    }

    // The first member of the choice that will do, from one onwards that turn and time choose together,
    // or the client's key: a request that asked many turns in vain must not always end at the same one.
    template <typename Predicate>
    MemberIndex first_after(const Choice &choice, const Predicate &will_do) const noexcept
    {
        const auto &all = choice.all();
        if (all.empty())
            return kNoMember;
        const auto turn = request_.affinity != 0 ? request_.affinity : propose(choice);
        const auto time = request_.affinity != 0 ? 0 : request_.now.us;
        const auto first = turn + static_cast<std::uint64_t>(time);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (const auto member = all[(first + i) % all.size()]; will_do(member))
                return member;
        return kNoMember;
    }

    const PickRequest &request_;
    const View &view_;
    balance::Cursor *cursors_;
    Refusals refused_;
};

constexpr Cause cause_of(HintSource source) noexcept
{
    switch (source) {
    case HintSource::kCookie: return Cause::kCookie;
    case HintSource::kPath: return Cause::kPath;
    case HintSource::kQuery: return Cause::kQuery;
    case HintSource::kForced: return Cause::kForced;
    case HintSource::kTable: return Cause::kTable;
    case HintSource::kNone: break;
    }
    return Cause::kPolicy;
}

// The member that the hint leads to; none where it leads nowhere.
MemberIndex bound_member(const Picker &picker, const persistence::Hint &hint) noexcept
{
    if (hint.source == HintSource::kForced)  // whatever its state, once
        return picker.is_tried(hint.member) ? kNoMember : hint.member;
    return hint.source == HintSource::kTable ? picker.bound_in_table(hint.member)
                                             : picker.bound_to(hint.member);
}

// The hint of a request whose member neither cookie nor URL names.
void ask_table(const Picker &picker, const PickRequest &request, const View &view,
               Pick &chosen) noexcept
{
    const auto &[table, keys] = request.sessions;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto session = table.find(keys[i], view.session_limits.expire, request.now);
        const auto member = session ? view.members.with_identity(session->member) : kNoMember;
        if (member == kNoMember)
            continue;
        const bool can_serve = picker.bound_in_table(member) != kNoMember;
        if (chosen.session != 0 && !can_serve)
            continue;
        chosen.session = static_cast<std::uint32_t>(i) + 1;
        chosen.hint.member = member;
        chosen.hint.source = HintSource::kTable;
        chosen.hint.cookie_dates = {seconds_of({session->learned_us}),
                                    seconds_of({session->used_us})};
        if (can_serve)
            return;
    }
}

struct OtherMember {
    MemberIndex member = kNoMember;
    bool is_last_resort = false;
};

// The member for a request that is not bound, or whose member cannot serve.
base::Result<OtherMember> other_member(Picker &picker, const Pick &chosen,
                                       const View &view) noexcept
{
    const auto bound = chosen.hint.member;
    const bool may_move = bound == kNoMember || !picker.is_fixed(chosen.hint);
    if (may_move && !view.places_unbound)
        return OtherMember{};
    if (const auto member = may_move ? picker.by_policy() : kNoMember; member != kNoMember)
        return OtherMember{member, false};
    if (const auto member = picker.last_resort(bound, may_move); member != kNoMember)
        return OtherMember{member, true};
    if (!may_move)
        return base::Status::kFailoverForbidden;
    return picker.is_anybody_full() ? base::Status::kSessionsFull : base::Status::kNoUsableMember;
}

// Nobody could take the client, and it is its own member that is tried all the same.
bool is_bound_after_all(const Pick &chosen, const View &view) noexcept
{
    const auto bound = chosen.hint.member;
    return chosen.member != kNoMember && bound != kNoMember &&
           (chosen.member == bound ||
            (!view.members[bound].route.empty() &&
             view.members[chosen.member].route == view.members[bound].route));
}

// The client's own member cannot serve, and its redirect does: a move like any other, to where the operator wants it.
bool is_redirected(const Pick &chosen, const View &view) noexcept
{
    return chosen.hint.source != HintSource::kForced &&
           view.members[chosen.member].route != view.members[chosen.hint.member].route;
}

void note_move(Pick &chosen) noexcept
{
    if (chosen.hint.source == HintSource::kCookie)
        chosen.hint.cookie = CookieState::kDown;
    chosen.cause = Cause::kRedispatch;
}

// The member of a request that the hint binds, or where it goes from there. False: nobody that the hint leads
// to serves it.
bool choose_bound(Picker &picker, const View &view, Pick &chosen) noexcept
{
    const auto member = bound_member(picker, chosen.hint);
    if (member == kNoMember) {
        chosen.member = picker.down_member_of(chosen.hint);
        chosen.cause = Cause::kPersist;
        return chosen.member != kNoMember;
    }
    if (const auto home = picker.home_from(member, chosen.hint); home != kNoMember) {
        chosen.member = home;
    } else if (const auto other = picker.elsewhere_from(member, chosen.hint); other) {
        chosen.member = *other;
        chosen.cause = Cause::kRedispatch;
    } else {
        chosen.member = member;
        chosen.cause = cause_of(chosen.hint.source);
        if (is_redirected(chosen, view))
            note_move(chosen);
    }
    return true;
}

base::Status choose_other(Picker &picker, const PickRequest &request, const View &view,
                          Pick &chosen) noexcept
{
    const bool is_bound = chosen.hint.member != kNoMember;
    if (chosen.hint.source == HintSource::kCookie)
        chosen.hint.cookie = CookieState::kDown;
    chosen.cause = Cause::kPolicy;
    if (is_bound || !request.tried.empty())
        chosen.cause = Cause::kRedispatch;
    else if (view.places_by_key && request.affinity != 0)
        chosen.cause = Cause::kHash;
    const auto other = other_member(picker, chosen, view);
    if (!other)
        return other.status();
    chosen.member = other->member;
    chosen.recovers_all = other->is_last_resort;
    if (is_bound_after_all(chosen, view))
        chosen.cause = cause_of(chosen.hint.source);
    return base::Status::kOk;
}

// What the client has to be told, now that the member is known.
void decide_cookie(Pick &chosen, const View &view, const PickRequest &request) noexcept
{
    const auto &settings = view.settings;
    const bool can_bind =
        chosen.member == kNoMember ||
        (!view.members[chosen.member].route.empty() && view.members[chosen.member].binds_clients);
    chosen.binds_client = settings.reads_cookie() && chosen.cause != Cause::kForced &&
                          !request.text.ignore_persistence && can_bind;
    if (!chosen.binds_client)
        return;
    const bool is_by_cookie =
        chosen.cause == Cause::kCookie ||
        (chosen.cause == Cause::kPersist && chosen.hint.source == HintSource::kCookie);
    const bool has_right_cookie = is_by_cookie && !chosen.moves_route;
    const auto now_s = seconds_of(request.now);
    const auto &old = chosen.hint.cookie_dates;
    if (settings.writes_dates())
        chosen.dates = {has_right_cookie && old.is_known() ? old.issued_s : now_s, now_s};
    if (!settings.inserts_cookie())
        return;
    const auto lifetime_s = settings.refreshed_lifetime_s();
    chosen.wants_cookie = !has_right_cookie || chosen.hint.is_cookie_outdated ||
                          (settings.writes_dates() && !old.is_known()) ||
                          (lifetime_s != 0 && is_refresh_due(old, now_s, lifetime_s));
}

}  // namespace

base::Result<Pick> pick(const PickRequest &request, const View &view,
                        balance::Cursor *cursors) noexcept
{
    Picker picker(request, view, cursors);
    Pick chosen;
    chosen.hint = read_hint(request.text, view.settings, view.members, seconds_of(request.now));
    if (chosen.hint.member == kNoMember && !request.text.ignore_persistence)
        ask_table(picker, request, view, chosen);
    const auto bound = chosen.hint.member;
    if (bound == kNoMember || !choose_bound(picker, view, chosen))
        if (const auto status = choose_other(picker, request, view, chosen);
            status != base::Status::kOk)
            return status;
    if (chosen.member != kNoMember) {
        chosen.marks_retry = chosen.cause != Cause::kPersist &&
                             picker.readiness(chosen.member) != Readiness::kUsable;
        chosen.moves_route =
            bound != kNoMember && view.members[chosen.member].route != view.members[bound].route;
    }
    decide_cookie(chosen, view, request);
    return chosen;
}

}  // namespace stickybalancer::selection
