// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a member's answer on its way to the client: our cookie, the application's cookie of
// the same name, and what caches are told.
//
// Thread safety: pure.
#pragma once

#include <cstdint>

#include "core/persistence/caching.hpp"
#include "core/persistence/hint.hpp"
#include "core/persistence/settings.hpp"

namespace stickybalancer::persistence {

// As the pick left it.
struct AnswerContext {
    bool binds_client = false;  // the answer may say something about persistence
    bool wants_cookie = false;  // without a new cookie the client's next request would go wrong
    CookieState request_cookie = CookieState::kNone;
};

struct AnswerFacts {
    bool sets_our_cookie = false;  // the application sets a cookie of our name
    bool is_release = false;       // the session is over, the client is to be forgotten
    bool is_post = false;          // it answers a POST
    CacheFacts cache;
};

enum class OurCookie : std::uint8_t { kNone = 0, kBind = 1, kExpire = 2 };
enum class ItsCookie : std::uint8_t { kPass = 0, kDrop = 1, kEdit = 2 };

struct AnswerPlan {
    OurCookie ours = OurCookie::kNone;
    ItsCookie application = ItsCookie::kPass;
    bool makes_private = false;
    // As HAProxy logs it: N nothing, I inserted, U updated, P the application's passed, R it was
    // rewritten, D the application's or the client's was deleted.
    char letter = 'N';
};

AnswerPlan plan_answer(const AnswerContext &context, const AnswerFacts &facts,
                       const Settings &settings) noexcept;

}  // namespace stickybalancer::persistence
