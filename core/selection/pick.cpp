// SPDX-License-Identifier: Apache-2.0
#include "core/selection/pick.hpp"

#include <algorithm>
#include <array>

namespace stickybalancer::selection {
namespace {

using members::kNoMember;
using members::MemberIndex;
using members::Readiness;
using persistence::CookieState;
using persistence::HintSource;

// Turns that are asked of a policy: a few, then, if there is anybody at all, enough to keep the weights
// exact while some members are down. After that the rest is looked through in order, which bounds the
// time when nearly all are.
constexpr int kFirstProposals = 16;
constexpr int kMostProposals = 256;
constexpr std::size_t kMostRedirects = 8;

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
            if (const auto member = first_ready_with_same_route(routes[i]); member != kNoMember)
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

    MemberIndex by_policy() const noexcept
    {
        for (const auto &set : view_.sets) {
            if (const auto member = ask(set.serving, set); member != kNoMember)
                return member;
            if (const auto member = ask(set.standby, set); member != kNoMember)
                return member;
        }
        return kNoMember;
    }

    // A failed member before its time: the client's own, else, where it may be moved, any.
    MemberIndex last_resort(MemberIndex bound, bool may_move) const noexcept
    {
        if (!view_.failover.last_resort || anybody_ready())
            return kNoMember;
        const auto is_failed = [this](MemberIndex index) {
            return readiness(index) == Readiness::kFailed && !is_tried(index);
        };
        for (auto index = bound; index != kNoMember;
             index = view_.members.next_with_same_route(index))
            if (is_failed(index))
                return index;
        const auto will_do = [&](MemberIndex index) {
            return is_failed(index) && !is_draining(index);
        };
        for (const auto &set : view_.sets)
            for (const auto *choice : {&set.serving, &set.standby})
                if (const auto member = may_move ? first_after(*choice, will_do) : kNoMember;
                    member != kNoMember)
                    return member;
        return kNoMember;
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
    bool anybody_ready() const noexcept
    {
        for (MemberIndex index = 0; index < view_.members.all().size(); ++index)
            if (is_ready(index))
                return true;
        return false;
    }

    bool is_ready(MemberIndex index) const noexcept
    {
        const auto is = readiness(index);
        return (is == Readiness::kUsable || is == Readiness::kRetryDue) && !is_tried(index);
    }

    bool is_draining(MemberIndex index) const noexcept
    {
        return view_.members[index].live.is_draining(view_.members.bits());
    }

    bool accepts_unbound(MemberIndex index) const noexcept
    {
        return is_ready(index) && !is_draining(index);
    }

    MemberIndex first_ready_with_same_route(MemberIndex first) const noexcept
    {
        const auto &bits = view_.members.bits();
        for (const bool standby : {false, true})
            for (auto index = first; index != kNoMember;
                 index = view_.members.next_with_same_route(index))
                if (view_.members[index].live.is_standby(bits) == standby && is_ready(index))
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

    MemberIndex ask(const Choice &choice, const MemberSet &set) const noexcept
    {
        if (choice.empty())
            return kNoMember;
        const auto may_serve = [&](MemberIndex index) {
            return accepts_unbound(index) && (set.spares.empty() || is_called(set, index));
        };
        for (int i = 0; i < kMostProposals; ++i) {
            if (const auto member = choice.propose(cursors_); may_serve(member))
                return member;
            if (i + 1 == kFirstProposals &&
                std::none_of(choice.all().begin(), choice.all().end(), may_serve))
                return kNoMember;
        }
        return first_after(choice, may_serve);
    }

    // The first member of the choice that will do, from one onwards that turn and time choose together:
    // a request that asked many turns in vain must not always end at the same one.
    template <typename Predicate>
    MemberIndex first_after(const Choice &choice, const Predicate &will_do) const noexcept
    {
        const auto &all = choice.all();
        if (all.empty())
            return kNoMember;
        const auto turn = std::find(all.begin(), all.end(), choice.propose(cursors_)) - all.begin();
        const auto first =
            static_cast<std::size_t>(turn) + static_cast<std::uint64_t>(request_.now.us);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (const auto member = all[(first + i) % all.size()]; will_do(member))
                return member;
        return kNoMember;
    }

    const PickRequest &request_;
    const View &view_;
    balance::Cursor *cursors_;
};

constexpr std::int64_t seconds_of(base::TimeUs time) noexcept { return time.us / 1'000'000; }

constexpr Cause cause_of(HintSource source) noexcept
{
    switch (source) {
    case HintSource::kCookie: return Cause::kCookie;
    case HintSource::kPath: return Cause::kPath;
    case HintSource::kQuery: return Cause::kQuery;
    case HintSource::kForced: return Cause::kForced;
    case HintSource::kNone: break;
    }
    return Cause::kPolicy;
}

// The member that the hint leads to; none where it leads nowhere.
MemberIndex bound_member(const Picker &picker, const persistence::Hint &hint) noexcept
{
    if (hint.source == HintSource::kForced)  // whatever its state, once
        return picker.is_tried(hint.member) ? kNoMember : hint.member;
    return picker.bound_to(hint.member);
}

struct OtherMember {
    MemberIndex member = kNoMember;
    bool is_last_resort = false;
};

// The member for a request that is not bound, or whose member cannot serve.
base::Result<OtherMember> other_member(const Picker &picker, const Pick &chosen,
                                       const View &view) noexcept
{
    const auto bound = chosen.hint.member;
    const bool may_move = bound == kNoMember ||
                          (!view.failover.forbidden && chosen.hint.source != HintSource::kForced);
    if (may_move && !view.places_unbound)
        return OtherMember{};
    if (const auto member = may_move ? picker.by_policy() : kNoMember; member != kNoMember)
        return OtherMember{member, false};
    if (const auto member = picker.last_resort(bound, may_move); member != kNoMember)
        return OtherMember{member, true};
    return may_move ? base::Status::kNoUsableMember : base::Status::kFailoverForbidden;
}

// Nobody could take the client, and it is its own member that is tried all the same.
bool is_bound_after_all(const Pick &chosen, const View &view) noexcept
{
    return chosen.member != kNoMember && chosen.hint.member != kNoMember &&
           view.members[chosen.member].route == view.members[chosen.hint.member].route;
}

// What the client has to be told, now that the member is known.
void decide_cookie(Pick &chosen, const View &view, const PickRequest &request) noexcept
{
    const auto &settings = view.settings;
    const bool has_route = chosen.member == kNoMember || !view.members[chosen.member].route.empty();
    chosen.binds_client = settings.reads_cookie() && chosen.cause != Cause::kForced &&
                          !request.text.ignore_persistence && has_route;
    if (!chosen.binds_client)
        return;
    const bool has_right_cookie = chosen.cause == Cause::kCookie && !chosen.moves_route;
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
    const Picker picker(request, view, cursors);
    Pick chosen;
    chosen.hint = read_hint(request.text, view.settings, view.members, seconds_of(request.now));
    const auto bound = chosen.hint.member;
    if (bound != kNoMember)
        chosen.member = bound_member(picker, chosen.hint);
    if (chosen.member != kNoMember) {
        chosen.cause = cause_of(chosen.hint.source);
    } else {
        if (chosen.hint.source == HintSource::kCookie)
            chosen.hint.cookie = CookieState::kDown;
        if (bound != kNoMember || !request.tried.empty())
            chosen.cause = Cause::kRedispatch;
        const auto other = other_member(picker, chosen, view);
        if (!other)
            return other.status();
        chosen.member = other->member;
        chosen.recovers_all = other->is_last_resort;
        if (is_bound_after_all(chosen, view))
            chosen.cause = cause_of(chosen.hint.source);
    }
    if (chosen.member != kNoMember) {
        chosen.marks_retry = picker.readiness(chosen.member) != Readiness::kUsable;
        chosen.moves_route =
            bound != kNoMember && view.members[chosen.member].route != view.members[bound].route;
    }
    decide_cookie(chosen, view, request);
    return chosen;
}

}  // namespace stickybalancer::selection
