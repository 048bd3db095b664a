// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/explain.hpp"

#include <algorithm>

#include "mod_stickybalancer/member_names.hpp"

namespace stickybalancer {
namespace {

constexpr std::size_t kMostNamed = 16;

const char *tried_members(apr_pool_t *pool, const RequestState &state)
{
    const char *names = names_of_tried(pool, state);
    return *names == '\0' ? "" : apr_pstrcat(pool, "; tried=", names, nullptr);
}

}  // namespace

const char *names_of_tried(apr_pool_t *pool, const RequestState &state)
{
    const MemberNames names(pool, *state.attached->balancer);
    const char *text = "";
    const auto add = [&](std::uint64_t handle) {
        text = apr_pstrcat(pool, text, *text == '\0' ? "" : ",", names.name(*worker_of(handle)),
                           nullptr);
    };
    std::for_each_n(state.tried, std::min(state.tried_count, kMostNamed), add);
    if (state.worker != nullptr)
        add(state.pick.handle);
    return text;
}

void explain(request_rec *r, const RequestState &state, bool is_answered, apr_table_t *headers)
{
    if (apr_table_get(r->subprocess_env, "sticky-explain") == nullptr)
        return;
    const auto said = [r](const char *name, const char *otherwise) {
        const char *value = apr_table_get(r->subprocess_env, name);
        return value != nullptr ? value : otherwise;
    };
    apr_table_unset(r->err_headers_out, "X-Sticky");  // it has been tried before
    apr_table_setn(headers, "X-Sticky",
                   apr_pstrcat(r->pool, "member=", said("STICKY_MEMBER", "-"), "; cause=",
                               said("STICKY_CAUSE", "-"), "; state=", said("STICKY_STATE", "-"),
                               "; attempts=", said("STICKY_ATTEMPTS", "0"),
                               "; queue=", said("STICKY_QUEUE_US", "0"),
                               is_answered ? "" : tried_members(r->pool, state), nullptr));
}

}  // namespace stickybalancer
