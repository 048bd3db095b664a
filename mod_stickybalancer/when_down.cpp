// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/when_down.hpp"

#include <cstring>

namespace stickybalancer {
namespace {

struct InForce {
    WhenDownPolicy policy;
    const Options *options;
};

WhenDownPolicy policy_in(const Options &options)
{
    return static_cast<WhenDownPolicy>(
        options.when_down.value_or(static_cast<int>(WhenDownPolicy::kRedispatch)));
}

bool moves_clients(WhenDownPolicy policy)
{
    return policy == WhenDownPolicy::kRedispatch || policy == WhenDownPolicy::kPersist;
}

InForce in_force(const request_rec *r, const Attached &attached)
{
    const auto *section = static_cast<const Section *>(
        ap_get_module_config(r->per_dir_config, &stickybalancer_module));
    if (section != nullptr && section->when_down_of_requests != nullptr)
        return {policy_in(*section->when_down_of_requests), section->when_down_of_requests};
    const auto &options = attached.config.options;
    const auto policy = policy_in(options);
    const bool is_forbidden = attached.balancer->s->sticky_force != 0;
    return {is_forbidden && moves_clients(policy) ? WhenDownPolicy::kReject : policy, &options};
}

int reject(request_rec *r, const Options &options)
{
    if (const auto &after = options.when_down_retry_after_s; after.is_set)
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_psprintf(r->pool, "%" APR_INT64_T_FMT, after.value));
    return static_cast<int>(options.when_down_status.value_or(HTTP_SERVICE_UNAVAILABLE));
}

// The page that the client is sent to, which is bound to the same member then, would send it there again.
bool is_this_page(const request_rec *r, const char *url)
{
    const auto length = std::strcspn(url, "?#");
    return std::strncmp(r->uri, url, length) == 0 && r->uri[length] == '\0';
}

int redirect(request_rec *r, const char *url)
{
    if (is_this_page(r, url))
        return HTTP_SERVICE_UNAVAILABLE;
    apr_table_setn(r->headers_out, "Location", url);
    return r->method_number == M_GET ? HTTP_MOVED_TEMPORARILY : HTTP_TEMPORARY_REDIRECT;
}

}  // namespace

sb_when_down when_down_of(const request_rec *r, const Attached &attached)
{
    switch (in_force(r, attached).policy) {
    case WhenDownPolicy::kRedispatch: return SB_WHEN_DOWN_REDISPATCH;
    case WhenDownPolicy::kPersist: return SB_WHEN_DOWN_PERSIST;
    default: return SB_WHEN_DOWN_FORBID;
    }
}

int answer_instead(request_rec *r, const Attached &attached)
{
    // Who tests a member wants to know that it does not answer.
    if (apr_table_get(r->subprocess_env, "sticky-force") != nullptr)
        return HTTP_SERVICE_UNAVAILABLE;
    const auto [policy, options] = in_force(r, attached);
    if (policy == WhenDownPolicy::kRedirect)
        return redirect(r, options->when_down_url.value);
    return policy == WhenDownPolicy::kReject ? reject(r, *options) : HTTP_SERVICE_UNAVAILABLE;
}

bool contradicts_nofailover(const Options &options, const proxy_balancer_shared &balancer)
{
    return balancer.sticky_force != 0 && options.when_down.is_set &&
           moves_clients(policy_in(options));
}

}  // namespace stickybalancer
