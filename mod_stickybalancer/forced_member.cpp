// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/forced_member.hpp"

namespace stickybalancer {
namespace {

// Newer httpd keeps the address with the member, where it is counted; before 2.4.62 there is no
// such field.
template <typename Worker>
void forget_address(Worker &worker)
{
    if constexpr (requires { worker.address; })
        worker.address = nullptr;
}

proxy_worker *copy_of(const proxy_worker &member, apr_pool_t *pool, unsigned bits)
{
    auto *shared =
        static_cast<proxy_worker_shared *>(apr_pmemdup(pool, member.s, sizeof(*member.s)));
    shared->status &= ~bits;
    // The address and connections that mod_proxy keeps for the real member are counted there: this
    // request looks the address up and closes its connection, and leaves nothing behind that names
    // the copy.
    shared->is_address_reusable = 0;
    shared->disablereuse = 1;
    auto *copy = static_cast<proxy_worker *>(apr_pmemdup(pool, &member, sizeof(member)));
    copy->s = shared;
    forget_address(*copy);
    return copy;
}

}  // namespace

proxy_worker *forced_member(const proxy_worker &member, apr_pool_t *pool)
{
    return copy_of(member, pool, PROXY_WORKER_NOT_USABLE_BITMAP);
}

proxy_worker *unmarked_copy(const proxy_worker &member, apr_pool_t *pool)
{
    return copy_of(member, pool, PROXY_WORKER_IN_ERROR);
}

}  // namespace stickybalancer
