// SPDX-License-Identifier: Apache-2.0
#include "core/selection/pick.hpp"

#include <algorithm>

namespace stickybalancer::selection {
namespace {

using members::kNoMember;
using members::MemberIndex;
using members::Readiness;
using persistence::CookieState;
using persistence::HintSource;

// Turns that are asked of a policy before the rest is looked through in order: enough to keep the
// weights exact while some members are down, few enough to bound the time when nearly all are.
constexpr int kMostProposals = 64;
constexpr int kMostRedirects = 8;

class Picker {
public:
    Picker(const PickRequest &request, const View &view, balance::Cursor *cursors) noexcept
        : request_(request), view_(view), cursors_(cursors)
    {
    }

    // A member with the route of `first`, or with a route that one of these redirects to.
    MemberIndex bound_to(MemberIndex first) const noexcept
    {
        for (int redirects = 0; first != kNoMember && redirects <= kMostRedirects; ++redirects) {
            if (const auto member = first_ready_with_same_route(first); member != kNoMember)
                return member;
            first = redirect_from(first);
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
        const auto will_do = [this](MemberIndex index) {
            return readiness(index) == Readiness::kFailed && !is_tried(index);
        };
        for (auto index = bound; index != kNoMember;
             index = view_.members.next_with_same_route(index))
            if (will_do(index))
                return index;
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

    bool accepts_unbound(MemberIndex index) const noexcept
    {
        return is_ready(index) && !view_.members[index].live.is_draining(view_.members.bits());
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

    MemberIndex redirect_from(MemberIndex first) const noexcept
    {
        for (auto index = first; index != kNoMember;
             index = view_.members.next_with_same_route(index))
            if (const auto target = view_.members.first_with_route(view_.members[index].redirect);
                target != kNoMember)
                return target;
        return kNoMember;
    }

    // How many of the set's spares may serve now.
    std::size_t spares_called(const MemberSet &set) const noexcept
    {
        if (set.spares.empty())
            return 0;
        return static_cast<std::size_t>(
            std::count_if(set.regular.begin(), set.regular.end(),
                          [this](MemberIndex index) { return !is_ready(index); }));
    }

    MemberIndex ask(const Choice &choice, const MemberSet &set) const noexcept
    {
        if (choice.empty())
            return kNoMember;
        const auto called = set.spares.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                     spares_called(set), set.spares.size()));
        const auto may_serve = [&](MemberIndex index) {
            return accepts_unbound(index) &&
                   std::find(called, set.spares.end(), index) == set.spares.end();
        };
        const auto proposals = std::min<std::size_t>(kMostProposals, 4 * choice.all().size());
        for (std::size_t i = 0; i < proposals; ++i)
            if (const auto member = choice.propose(cursors_); may_serve(member))
                return member;
        return first_after(choice, may_serve);
    }

    // The first member of the choice that will do, from the one whose turn it is onwards.
    template <typename Predicate>
    MemberIndex first_after(const Choice &choice, const Predicate &will_do) const noexcept
    {
        const auto &all = choice.all();
        if (all.empty())
            return kNoMember;
        const auto start = std::find(all.begin(), all.end(), choice.propose(cursors_));
        if (const auto found = std::find_if(start, all.end(), will_do); found != all.end())
            return *found;
        const auto found = std::find_if(all.begin(), start, will_do);
        return found != start ? *found : kNoMember;
    }

    const PickRequest &request_;
    const View &view_;
    balance::Cursor *cursors_;
};

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

// The member for a request that is not bound, or whose member cannot serve.
base::Result<MemberIndex> other_member(const Picker &picker, const Pick &chosen,
                                       const View &view) noexcept
{
    const auto bound = chosen.hint.member;
    const bool may_move = bound == kNoMember ||
                          (!view.failover.forbidden && chosen.hint.source != HintSource::kForced);
    if (may_move && !view.places_unbound)
        return kNoMember;
    if (const auto member = may_move ? picker.by_policy() : kNoMember; member != kNoMember)
        return member;
    if (const auto member = picker.last_resort(bound, may_move); member != kNoMember)
        return member;
    return may_move ? base::Status::kNoUsableMember : base::Status::kFailoverForbidden;
}

// What the client has to be told, now that the member is known.
void decide_cookie(Pick &chosen, const View &view, const PickRequest &request) noexcept
{
    const auto &settings = view.settings;
    if (!settings.sets_cookie() || chosen.cause == Cause::kForced ||
        request.text.ignore_persistence)
        return;
    if (chosen.member != kNoMember && view.members[chosen.member].route.empty())
        return;
    const bool has_right_cookie = chosen.cause == Cause::kCookie && !chosen.moves_route;
    chosen.wants_cookie = !has_right_cookie;
    if (settings.max_age_s == 0 || settings.separator == 0)
        return;
    const auto now_s = request.now.us / 1'000'000;
    const auto &old = chosen.hint.cookie_dates;
    chosen.dates = {has_right_cookie && old.is_known() ? old.issued_s : now_s, now_s};
    chosen.wants_cookie = !has_right_cookie || is_refresh_due(old, now_s, settings.max_age_s);
}

}  // namespace

base::Result<Pick> pick(const PickRequest &request, const View &view,
                        balance::Cursor *cursors) noexcept
{
    const Picker picker(request, view, cursors);
    Pick chosen;
    chosen.hint = read_hint(request.text, view.settings, view.members);
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
        chosen.member = *other;
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
