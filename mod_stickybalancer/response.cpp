// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/response.hpp"

#include <apr_date.h>

#include <cstring>
#include <string_view>

#include "mod_stickybalancer/client_count.hpp"
#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/environment.hpp"
#include "mod_stickybalancer/explain.hpp"
#include "mod_stickybalancer/headers.hpp"
#include "mod_stickybalancer/request_sessions.hpp"
#include "mod_stickybalancer/trial.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kCacheControl = "Cache-Control";

// Not mutable state of ours: httpd's register of filters hands it out at each (re)start.
ap_filter_rec_t *response_filter_handle = nullptr;

// The client's own request came over TLS, as far as mod_ssl, ServerName https://... or the
// environment know.
bool is_client_secure(const request_rec *r)
{
    if (std::strcmp(ap_http_scheme(r), "https") == 0)
        return true;
    const char *https = apr_table_get(r->subprocess_env, "HTTPS");
    return https != nullptr && ap_cstr_casecmp(https, "on") == 0;
}

// What write(out, &length) writes, in the request's pool; null where it writes nothing.
template <typename Write>
const char *written(apr_pool_t *pool, const Write &write)
{
    char small[512];
    std::size_t length = sizeof(small);
    char *out = small;
    auto status = write(out, &length);
    if (status == SB_BUFFER_TOO_SMALL) {
        out = static_cast<char *>(apr_palloc(pool, length));
        status = write(out, &length);
    }
    return status == SB_OK ? apr_pstrmemdup(pool, out, length) : nullptr;
}

// One answer. `added_to`: the table that reaches the client with what is added.
class Answer {
public:
    Answer(request_rec *r, RequestState &state, apr_table_t *added_to)
        : r_(r), state_(state), core_(state.attached->core), added_to_(added_to)
    {
        const auto &attached = *state.attached;
        name_ = str_of(cookie_name_of(attached.config.options, *attached.balancer->s));
    }

    void finish()
    {
        look_at(r_->headers_out);
        look_at(r_->err_headers_out);
        if (has_release_header_)
            for (auto *headers : {r_->headers_out, r_->err_headers_out})
                apr_table_unset(headers, kReleaseHeader);
        settle_sessions(r_, state_, has_release_header_);
        const bool is_release = has_release_header_ || is_release_asked_for(r_, state_);
        GivenCookie given{};
        given.is_over = is_release;
        if (state_.pick.binds_client != 0 &&
            (state_.pick.wants_cookie != 0 || sets_our_cookie_ || is_release))
            carry_out(plan(is_release), given);
        count_client(r_, state_, given);
    }

private:
    // All that matters here, in one pass: most answers have none of it.
    void look_at(const apr_table_t *headers)
    {
        const auto *entries = apr_table_elts(headers);
        for (int i = 0; i < entries->nelts; ++i) {
            const auto &entry = APR_ARRAY_IDX(entries, i, apr_table_entry_t);
            switch (*entry.key | 0x20) {
            case 's':
                if (ap_cstr_casecmp(entry.key, "Set-Cookie") == 0 && is_ours(entry)) {
                    sets_our_cookie_ = true;
                    its_line_ = entry.val;
                }
                break;
            case 'x': has_release_header_ |= ap_cstr_casecmp(entry.key, kReleaseHeader) == 0; break;
            case 'c':
                if ((entry.key[1] | 0x20) == 'a' && ap_cstr_casecmp(entry.key, kCacheControl) == 0)
                    add_cache_control(entry.val);
                break;
            case 'e':
                if (expires_ == nullptr && ap_cstr_casecmp(entry.key, "Expires") == 0)
                    expires_ = entry.val;
                break;
            }
        }
    }

    bool is_ours(const apr_table_entry_t &entry) const
    {
        return sb_sets_cookie(str_of(entry.val), name_) != 0;
    }

    void add_cache_control(const char *line)
    {
        cache_control_ = cache_control_ == nullptr
                             ? line
                             : apr_pstrcat(r_->pool, cache_control_, ", ", line, nullptr);
    }

    std::uint32_t expires() const
    {
        if (expires_ == nullptr)
            return SB_EXPIRES_NONE;
        const char *date = apr_table_get(r_->headers_out, "Date");
        auto sent_at = date != nullptr ? apr_date_parse_http(date) : 0;
        if (sent_at == 0)
            sent_at = r_->request_time;
        return apr_date_parse_http(expires_) > sent_at ? SB_EXPIRES_FUTURE : SB_EXPIRES_PAST;
    }

    sb_answer_plan plan(bool is_release)
    {
        sb_answer answer{};
        answer.struct_size = sizeof(answer);
        answer.status = static_cast<std::uint32_t>(r_->status);
        answer.sets_our_cookie = sets_our_cookie_;
        answer.is_release = is_release;
        answer.is_post = r_->method_number == M_POST;
        answer.is_get_or_head = r_->method_number == M_GET;
        answer.expires = expires();
        answer.cache_control = str_of(cache_control_);
        sb_answer_plan plan{};
        plan.struct_size = sizeof(plan);
        plan.letter = 'N';
        sb_balancer_plan_answer(core_, &state_.pick, &answer, &plan);
        return plan;
    }

    // The application's cookie goes to the client, edited or not.
    void read_its_cookie(GivenCookie &given) const
    {
        sb_cookie_set set{};
        set.struct_size = sizeof(set);
        if (its_line_ == nullptr || sb_read_cookie_set(str_of(its_line_), name_, &set) != SB_OK)
            return;
        const auto mode =
            cookie_mode_of(state_.attached->config.options, *state_.attached->balancer->s);
        const std::string_view value(set.value.data, set.value.len), route(state_.worker->s->route);
        given.is_over = set.ends != 0;
        given.is_given = !given.is_over &&
                         (mode != SB_COOKIE_PASSIVE || (!route.empty() && value.ends_with(route)));
        if (mode == SB_COOKIE_PASSIVE || mode == SB_COOKIE_PREFIX)
            given.session = set.value;
    }

    void carry_out(const sb_answer_plan &plan, GivenCookie &given)
    {
        const char *cookie = our_cookie(plan.ours);
        if (plan.ours != SB_OURS_NONE && cookie == nullptr) {
            set_response_letter(r_, state_, 'N');  // no cookie can say it: all stays as it is
            return;
        }
        given.is_given = plan.ours == SB_OURS_BIND;
        if (sets_our_cookie_ && plan.application != SB_ITS_DROP)
            read_its_cookie(given);
        for (auto *headers : {r_->headers_out, r_->err_headers_out}) {
            if (sets_our_cookie_ && plan.application == SB_ITS_DROP)
                remove_headers(r_->pool, headers, [this](const apr_table_entry_t &entry) {
                    return ap_cstr_casecmp(entry.key, "Set-Cookie") == 0 && is_ours(entry);
                });
            if (plan.application == SB_ITS_EDIT)
                for_each_header(headers, 's', "Set-Cookie",
                                [this](apr_table_entry_t &entry) { edit(entry); });
        }
        if (cookie != nullptr)
            apr_table_addn(added_to_, "Set-Cookie", cookie);
        if (plan.makes_private != 0)
            make_private();
        set_response_letter(r_, state_, plan.letter);
    }

    const char *our_cookie(std::uint32_t ours) const
    {
        const auto route = str_of(state_.worker->s->route);
        const bool is_secure = ours != SB_OURS_NONE && is_client_secure(r_);
        if (ours == SB_OURS_BIND)
            return written(r_->pool, [&](char *out, std::size_t *length) {
                return sb_balancer_cookie(core_, &state_.pick, route, is_secure, r_->request_time,
                                          out, length);
            });
        if (ours == SB_OURS_EXPIRE)
            return written(r_->pool, [&](char *out, std::size_t *length) {
                return sb_balancer_expired_cookie(core_, is_secure, out, length);
            });
        return nullptr;
    }

    void edit(apr_table_entry_t &entry) const
    {
        if (!is_ours(entry))
            return;
        const auto line = str_of(entry.val), route = str_of(state_.worker->s->route);
        const char *edited = written(r_->pool, [&](char *out, std::size_t *length) {
            return sb_balancer_edited_cookie(core_, &state_.pick, line, route, r_->request_time,
                                             out, length);
        });
        if (edited != nullptr)
            entry.val = const_cast<char *>(edited);  // a table never writes into its values
    }

    void make_private() const
    {
        const char *value = written(r_->pool, [&](char *out, std::size_t *length) {
            return sb_private_cache_control(str_of(cache_control_), out, length);
        });
        apr_table_unset(r_->headers_out, kCacheControl);
        apr_table_unset(r_->err_headers_out, kCacheControl);
        apr_table_setn(added_to_, kCacheControl, value);
    }

    request_rec *r_;
    RequestState &state_;
    sb_balancer *core_;
    apr_table_t *added_to_;
    sb_str name_{};
    const char *its_line_ = nullptr;       // the application's last Set-Cookie line of our name
    const char *cache_control_ = nullptr;  // all lines of it
    const char *expires_ = nullptr;
    bool sets_our_cookie_ = false;
    bool has_release_header_ = false;
};

apr_status_t filter_response(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    auto *next = filter->next;
    auto *r = filter->r;
    ap_remove_output_filter(filter);
    if (auto *state = state_of(r); state != nullptr && state->worker != nullptr &&
                                   !state->is_answered && !state->retry.is_lost) {
        state->is_answered = true;
        note_trial_answered(r, *state);
        Answer(r, *state, r->headers_out).finish();
        explain(r, *state, true, r->headers_out);
    }
    return ap_pass_brigade(next, brigade);
}

}  // namespace

void register_response_filter()
{
    response_filter_handle =
        ap_register_output_filter("STICKYBALANCER", filter_response, nullptr,
                                  static_cast<ap_filter_type>(AP_FTYPE_CONTENT_SET + 2));
}

void prepare_response(request_rec *r, RequestState &state)
{
    // A subrequest's headers reach nobody.
    if (state.has_response_filter || r->main != nullptr)
        return;
    ap_add_output_filter_handle(response_filter_handle, nullptr, r, r->connection);
    state.has_response_filter = true;
}

bool finish_response(request_rec *r, RequestState &state)
{
    bool is_answered = state.is_answered;
    if (!is_answered && state.worker != nullptr && r->main == nullptr &&
        apr_table_get(r->notes, "proxy-error-override") != nullptr) {
        Answer(r, state, r->err_headers_out).finish();
        is_answered = true;
    } else if (!is_answered) {
        set_response_letter(r, state, 'N');
    }
    if (!state.is_answered && r->main == nullptr)
        explain(r, state, is_answered, r->err_headers_out);
    state.is_answered = true;  // whatever goes out from here on is httpd's own
    return is_answered;
}

}  // namespace stickybalancer
