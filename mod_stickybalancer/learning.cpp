// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/learning.hpp"

#include <apr_date.h>

#include <algorithm>

#include "mod_stickybalancer/headers.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/placement.hpp"

namespace stickybalancer {
namespace {

using Kind = PersistenceKey::Kind;

// One answer, and the sessions that it names.
class Answered {
public:
    Answered(request_rec *r, RequestState &state)
        : r_(r),
          own_(*state.sessions),
          attached_(*state.attached),
          place_(state.attempt.place),
          placed_by_(state.pick.session)
    {
        for (int i = 0; i < attached_.session_key_count; ++i)
            if ((own_.holding_keys & 1U << i) != 0)
                read(i);
    }

    void learn()
    {
        const auto now = apr_time_now();
        for (std::uint32_t i = 0; i < own_.count; ++i)
            if (!is_named(own_.sessions[i]))
                learn(own_.sessions[i],
                      from_request(own_.keys[i]) |
                          (i + 1 == placed_by_ ? std::uint32_t{SB_LEARN_PLACED} : 0U),
                      now);
        for (std::uint32_t i = 0; i < named_count_; ++i) {
            learn(named_[i], SB_LEARN_FROM_RESPONSE, now);
            keep_alive(own_, named_[i]);
        }
    }

    void forget() const
    {
        for (std::uint32_t i = 0; i < named_count_; ++i)
            sb_balancer_forget_session(attached_.core, &named_[i]);
    }

private:
    void read(int number)
    {
        const auto &line = attached_.session_keys[number];
        const auto &key = *line.key;
        // A cookie may be deleted, too.
        if (key.kind != Kind::kCookie && !line.learns_from_response)
            return;
        for (const auto *headers : {r_->headers_out, r_->err_headers_out}) {
            if (key.kind == Kind::kCookie)
                for_each_header(headers, 's', "Set-Cookie", [&](const apr_table_entry_t &entry) {
                    read_cookie(number, entry.val);
                });
            else if (const char *value = apr_table_get(headers, key.name.data()); value != nullptr)
                name(number, str_of(value));
        }
    }

    // What a later line deletes is no session; and the other way round.
    void read_cookie(int number, const char *line)
    {
        const auto &key = *attached_.session_keys[number].key;
        sb_cookie_set set{};
        set.struct_size = sizeof(set);
        if (sb_read_cookie_set(str_of(line), {key.name.data(), key.name.size()}, &set) != SB_OK)
            return;
        const auto bit = 1U << number;
        if (set.ends != 0 || is_over(set.expires)) {
            deleting_keys_ |= bit;
            drop_named(bit);
        } else {
            deleting_keys_ &= ~bit;
            if (attached_.session_keys[number].learns_from_response)
                name(number, set.value);
        }
    }

    // A date that nobody understands is none.
    bool is_over(sb_str date) const
    {
        if (date.len == 0)
            return false;
        const auto expires = apr_date_parse_rfc(apr_pstrmemdup(r_->pool, date.data, date.len));
        return expires != 0 ? expires <= apr_time_now() : is_up_to_1970(date);
    }
    // apr_date_parse_rfc() gives 0 for what it does not understand, and for 1970's first second and all
    // before: the date most written to delete a cookie.
    static bool is_up_to_1970(sb_str date)
    {
        const std::string_view text(date.data, date.len);
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        for (std::size_t at = 0; at + 4 <= text.size(); ++at)
            if (std::all_of(text.begin() + at, text.begin() + at + 4, is_digit))
                return text.substr(at, 4) <= "1970";
        return text.find("-70 ") != std::string_view::npos;
    }

    void name(int number, sb_str value)
    {
        sb_session session{};
        const auto &line = attached_.session_keys[number];
        if (value.len == 0 || named_count_ == SB_SESSIONS_OF_REQUEST_MAX ||
            sb_balancer_session(attached_.core, line.kind, value, &session) != SB_OK ||
            is_named(session))
            return;
        named_[named_count_] = session;
        naming_keys_[named_count_++] = 1U << number;
    }

    void drop_named(std::uint32_t key)
    {
        std::uint32_t kept = 0;
        for (std::uint32_t i = 0; i < named_count_; ++i)
            if (naming_keys_[i] != key) {
                named_[kept] = named_[i];
                naming_keys_[kept++] = naming_keys_[i];
            }
        named_count_ = kept;
    }

    bool is_named(const sb_session &session) const
    {
        for (std::uint32_t i = 0; i < named_count_; ++i)
            if (is_same(named_[i], session))
                return true;
        return false;
    }

    std::uint32_t from_request(std::uint32_t keys) const
    {
        for (int i = 0; i < attached_.session_key_count; ++i)
            if ((keys & ~deleting_keys_ & 1U << i) != 0 &&
                attached_.session_keys[i].learns_from_request)
                return SB_LEARN_FROM_REQUEST;
        return SB_LEARN_NOT;
    }

    void learn(const sb_session &session, std::uint32_t how, apr_time_t now) const
    {
        const auto status = sb_balancer_learn(attached_.core, &session, place_, how, now);
        own_.has_learned |= status == SB_OK;
        if (status == SB_INTERNAL && may_say(attached_, now))
            log<message::table_damaged>(r_, attached_.name);
    }

    request_rec *r_;
    RequestSessions &own_;
    Attached &attached_;
    std::uint32_t place_;
    std::uint32_t placed_by_;  // the number of a session of the request, from 1; 0: none
    sb_session named_[SB_SESSIONS_OF_REQUEST_MAX];  // by the answer, each once
    std::uint32_t naming_keys_[SB_SESSIONS_OF_REQUEST_MAX];
    std::uint32_t named_count_ = 0;
    std::uint32_t deleting_keys_ = 0;  // bits: the answer deletes its cookie
};

}  // namespace

void learn_from_answer(request_rec *r, RequestState &state, bool is_release)
{
    Answered answered(r, state);
    if (!is_release)
        return answered.learn();
    forget_sessions(state);
    answered.forget();
}

void forget_sessions(const RequestState &state)
{
    const auto &own = *state.sessions;
    for (std::uint32_t i = 0; i < own.count; ++i)
        sb_balancer_forget_session(state.attached->core, &own.sessions[i]);
}

}  // namespace stickybalancer
