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

}  // namespace

const OurBalancer *balancer_of(const Call &call)
{
    const auto *balancer = find_balancer(call.r, call.path.balancer);
    if (balancer == nullptr)
        refuse(call.r, HTTP_NOT_FOUND,
               apr_psprintf(call.r->pool, "there is no balancer '%s'",
                            copy_of(call, call.path.balancer)));
    return balancer;
}

const proxy_worker *member_of(const Call &call, const MemberNames &names)
{
    const char *name = copy_of(call, call.path.member);
    const auto *member = names.member(name);
    if (member == nullptr)
        member = names.member(with_both_slashes(call.r->pool, name));
    if (member == nullptr)
        refuse(call.r, HTTP_NOT_FOUND,
               apr_psprintf(call.r->pool, "there is no member '%s', or several", name));
    return member;
}

}  // namespace stickybalancer::api
