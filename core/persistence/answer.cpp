// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/answer.hpp"

namespace stickybalancer::persistence {
namespace {

AnswerPlan plan_release(const AnswerContext &context, const AnswerFacts &facts,
                        const Settings &settings) noexcept
{
    AnswerPlan plan;
    if (facts.sets_our_cookie)
        plan.application = ItsCookie::kDrop;
    if (context.request_cookie != CookieState::kNone) {
        plan.ours = OurCookie::kExpire;
        plan.makes_private =
            settings.no_cache != NoCache::kOff && caching_of(facts.cache) != Caching::kNone;
    }
    const bool deletes = facts.sets_our_cookie || plan.ours == OurCookie::kExpire;
    plan.letter = deletes ? 'D' : 'N';
    return plan;
}

AnswerPlan plan_insertion(const AnswerContext &context, const AnswerFacts &facts,
                          const Settings &settings) noexcept
{
    AnswerPlan plan;
    if (facts.sets_our_cookie) {
        plan.application = ItsCookie::kDrop;
        plan.letter = 'D';
    }
    if (!context.wants_cookie || (settings.only_on_post && !facts.is_post))
        return plan;
    if (settings.no_cache != NoCache::kOff) {
        const auto caching = caching_of(facts.cache);
        if (settings.no_cache == NoCache::kSkip && caching == Caching::kShared)
            return plan;
        plan.makes_private = settings.no_cache == NoCache::kMark && caching != Caching::kNone;
    }
    plan.ours = OurCookie::kBind;
    plan.letter = context.request_cookie == CookieState::kValid ? 'U' : 'I';
    return plan;
}

}  // namespace

AnswerPlan plan_answer(const AnswerContext &context, const AnswerFacts &facts,
                       const Settings &settings) noexcept
{
    const bool passes = facts.sets_our_cookie &&
                        (settings.mode == CookieMode::kPassive || settings.preserves_cookie);
    if (!settings.reads_cookie() || !context.binds_client)
        return {};
    if (passes)
        return {OurCookie::kNone, ItsCookie::kPass, false, 'P'};
    if (settings.edits_cookie() && facts.sets_our_cookie)
        return {OurCookie::kNone, ItsCookie::kEdit, false, 'R'};
    if (!settings.inserts_cookie())
        return {};
    return facts.is_release ? plan_release(context, facts, settings)
                            : plan_insertion(context, facts, settings);
}

}  // namespace stickybalancer::persistence
