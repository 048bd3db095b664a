// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/lbmethods.hpp"

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/election.hpp"

namespace stickybalancer {
namespace {

// Called by mod_proxy_balancer for balancers that it elects for; those of ours never come here.
proxy_worker *find_member(proxy_balancer *balancer, request_rec *r)
{
    auto *conf = proxy_config_of(r->server);
    auto *attached = find_attached(r, conf, balancer, nullptr);
    return attached != nullptr ? elect_unbound(*attached, r) : nullptr;
}

apr_status_t nothing_to_reset(proxy_balancer *, server_rec *) { return APR_SUCCESS; }

}  // namespace

void register_lbmethods(apr_pool_t *pool)
{
    for (std::size_t i = 0; const char *name = sb_policy_name(i); ++i) {
        auto *method =
            static_cast<proxy_balancer_method *>(apr_pcalloc(pool, sizeof(proxy_balancer_method)));
        method->name = name;
        method->finder = &find_member;
        method->reset = &nothing_to_reset;
        method->age = &nothing_to_reset;
        ap_register_provider(pool, PROXY_LBMETHOD, name, "0", method);
    }
}

const char *chosen_method(const ConfigTree &tree, const server_rec *main_server,
                          const server_rec *s, const proxy_balancer &balancer)
{
    if (const char *name = named_method(tree, s, balancer.s->name); name != nullptr)
        return name;
    for (const auto *other = main_server; other != nullptr; other = other->next)
        for (const auto &copy : balancers_of(other))
            if (copy.workers == balancer.workers)
                if (const char *name = named_method(tree, other, copy.s->name); name != nullptr)
                    return name;
    return nullptr;
}

bool is_our_method(const proxy_balancer_method *method)
{
    return method != nullptr && method->finder == &find_member;
}

}  // namespace stickybalancer
