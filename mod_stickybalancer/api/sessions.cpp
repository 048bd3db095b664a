// SPDX-License-Identifier: Apache-2.0
//
// Sessions of a balancer's table, by their key: the bytes that the client brings. A balancer may have several keys, and
// what is asked for may be a session by more than one of them.
#include <algorithm>
#include <string_view>

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/api/call.hpp"
#include "mod_stickybalancer/api/etag.hpp"
#include "mod_stickybalancer/api/operator.hpp"
#include "mod_stickybalancer/api/write_check.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_view.hpp"

namespace stickybalancer::api {
namespace {

struct Found {
    const PersistenceKey *key;
    sb_session session;
    sb_session_info info;
};

void find_by(const Attached &attached, std::string_view key, apr_array_header_t *found)
{
    for (int i = 0; i < attached.session_key_count; ++i) {
        const auto &line = attached.session_keys[i];
        Found one{line.key, {}, {}};
        one.info.struct_size = sizeof(one.info);
        const bool is_known =
            std::any_of(attached.session_keys, attached.session_keys + i,
                        [&](const SessionKey &earlier) { return earlier.kind == line.kind; });
        if (!is_known &&
            sb_balancer_session(attached.core, line.kind, {key.data(), key.size()}, &one.session) ==
                SB_OK &&
            sb_balancer_find_session(attached.core, &one.session, apr_time_now(), &one.info) ==
                SB_OK)
            APR_ARRAY_PUSH(found, Found) = one;
    }
}

// The quotes around a cookie's value are not of its key.
std::string_view without_quotes(std::string_view text)
{
    return text.size() > 2 && text.front() == '"' && text.back() == '"'
               ? text.substr(1, text.size() - 2)
               : std::string_view();
}

// Those of the key that the query names. Null: there is no key, which was answered.
apr_array_header_t *find_sessions(const Call &call, Attached &attached)
{
    const auto key = query_parameter(call.r->args != nullptr ? call.r->args : "", "key");
    if (!key || key->empty()) {
        refuse(call.r, HTTP_BAD_REQUEST, "say which session: ?key=KEY, its bytes escaped as %XX");
        return nullptr;
    }
    if (attached.session_key_count == 0) {
        refuse(call.r, HTTP_NOT_FOUND,
               "the balancer has no StickyOn, so there is no session to be found by a key");
        return nullptr;
    }
    auto *found = apr_array_make(call.r->pool, SB_SESSIONS_OF_REQUEST_MAX, sizeof(Found));
    find_by(attached, *key, found);
    if (const auto inner = without_quotes(*key); found->nelts == 0 && !inner.empty())
        find_by(attached, inner, found);
    if (found->nelts == 0) {
        refuse(call.r, HTTP_NOT_FOUND,
               "there is no session with this key: it is the whole value that the client sends");
        return nullptr;
    }
    return found;
}

void show_session(const Call &call, const OurBalancer &balancer, const MemberNames &names,
                  const Found &found, JsonWriter &json)
{
    const auto &info = found.info;
    json.open_object();
    json.text("balancer", balancer.name);
    json.text("member", info.handle != 0 ? names.name(*worker_of(info.handle)) : "");
    json.text("key", key_text(call.r->pool, *found.key));
    json.time("learned", info.learned_us);
    json.time("used", info.used_us);
    json.time("expires", info.expires_us);
    json.number("requests", info.requests);
    json.text("by", info.is_application != 0 ? "application" : "client");
    json.close_object();
}

// Calls answer(balancer, found) for the sessions that path and query name, where there are any.
template <typename Answer>
int with_sessions(const Call &call, const Answer &answer)
{
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr)
        return OK;
    take_in_changes(*balancer->attached, call.r);
    const auto *found = find_sessions(call, *balancer->attached);
    return found != nullptr ? answer(*balancer, *found) : OK;
}

int answer_with_sessions(const Call &call, const OurBalancer &balancer,
                         const apr_array_header_t &found)
{
    const MemberNames names(call.r->pool, *balancer.attached->balancer);
    begin_json(call.r);
    Body body(call.r);
    body.json.open_object();
    body.json.open_array("sessions");
    for (int i = 0; i < found.nelts; ++i)
        show_session(call, balancer, names, APR_ARRAY_IDX(&found, i, Found), body.json);
    body.json.close_array();
    body.json.close_object();
    return OK;
}

int forget(const Call &call, const Attached &attached, const apr_array_header_t &found)
{
    if (!is_matched(call.r, kNoETag) || !is_of_this_generation(call.r))
        return OK;
    for (int i = 0; i < found.nelts; ++i)
        sb_balancer_forget_session(attached.core, &APR_ARRAY_IDX(&found, i, Found).session);
    // By its digest, as far as that tells lines apart: a key has no place in a log.
    const auto digest = APR_ARRAY_IDX(&found, 0, Found).session.high;
    log<message::session_forgotten>(call.r, attached.name,
                                    static_cast<const char *>(apr_psprintf(
                                        call.r->pool, "%08x", static_cast<unsigned>(digest >> 32))),
                                    operator_of(call.r));
    begin_json(call.r, HTTP_NO_CONTENT);
    return OK;
}

}  // namespace

int show_sessions(const Call &call)
{
    return with_sessions(call, [&](const OurBalancer &balancer, const apr_array_header_t &found) {
        return answer_with_sessions(call, balancer, found);
    });
}

int forget_sessions(const Call &call)
{
    return with_sessions(call, [&](const OurBalancer &balancer, const apr_array_header_t &found) {
        return forget(call, *balancer.attached, found);
    });
}

}  // namespace stickybalancer::api
