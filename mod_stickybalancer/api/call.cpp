// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/call.hpp"

#include <cstring>

#include "mod_stickybalancer/api/answer.hpp"

namespace stickybalancer::api {
namespace {

const char *copy_of(const Call &call, std::string_view text)
{
    return apr_pstrmemdup(call.r->pool, text.data(), text.size());
}

// httpd makes one slash of two in a path, so the URL of a member comes as "http:/HOST".
const char *with_both_slashes(apr_pool_t *pool, const char *name)
{
    const char *at = std::strstr(name, ":/");
    if (at == nullptr || at[2] == '/')
        return name;
    return apr_pstrcat(pool, apr_pstrmemdup(pool, name, static_cast<apr_size_t>(at - name)), "://",
                       at + 2, nullptr);
}

// With AllowEncodedSlashes NoDecode a slash may come as "%2F".
const char *with_decoded_slashes(apr_pool_t *pool, const char *name)
{
    char *decoded = apr_pstrdup(pool, name);
    char *end = decoded;
    for (const char *from = decoded; *from != '\0'; ++end) {
        const bool is_slash = ap_cstr_casecmpn(from, "%2F", 3) == 0;
        *end = is_slash ? '/' : *from;
        from += is_slash ? 3 : 1;
    }
    *end = '\0';
    return decoded;
}

}  // namespace

const OurBalancer *balancer_of(const Call &call)
{
    const auto *balancer = find_balancer(call.r, call.path.balancer);
    if (balancer == nullptr)
        refuse(call.r, HTTP_NOT_FOUND,
               apr_psprintf(call.r->pool, "there is no balancer '%s': api/v1/balancers lists them",
                            copy_of(call, call.path.balancer)));
    return balancer;
}

const proxy_worker *member_of(const Call &call, const MemberNames &names)
{
    const char *name = copy_of(call, call.path.member);
    const char *decoded = with_decoded_slashes(call.r->pool, name);
    for (const char *spelling : {name, with_both_slashes(call.r->pool, name), decoded,
                                 with_both_slashes(call.r->pool, decoded)})
        if (const auto *member = names.member(spelling); member != nullptr)
            return member;
    refuse(call.r, HTTP_NOT_FOUND,
           apr_psprintf(
               call.r->pool,
               "there is no member '%s', or several of that name: balancers/%s/members lists them",
               name, copy_of(call, call.path.balancer)));
    return nullptr;
}

}  // namespace stickybalancer::api
