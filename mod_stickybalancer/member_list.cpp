// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_list.hpp"

#include <algorithm>

namespace stickybalancer {
namespace {

// mod_proxy appends to its list under this lock.
template <typename Change>
void under_lock(proxy_balancer &balancer, const Change &change)
{
    if (PROXY_THREAD_LOCK(&balancer) != APR_SUCCESS)
        return;
    change();
    PROXY_THREAD_UNLOCK(&balancer);
}

// Those that were added while the server runs.
struct Added {
    proxy_worker **members;
    std::size_t begin, end;
};

// None where somebody is appending at this moment.
Added added_to(const Attached &attached)
{
    const auto &list = *attached.balancer->workers;
    const auto count = members_of(*attached.balancer).size();
    const bool is_whole = count == static_cast<std::size_t>(list.nelts);
    return {reinterpret_cast<proxy_worker **>(list.elts),
            is_whole ? static_cast<std::size_t>(attached.configured_count) : count, count};
}

// The first worker over a shared part that one before it has, too; the end where there is none.
std::size_t find_copy(const Added &added)
{
    const auto is_copy = [&](std::size_t at) {
        return std::any_of(
            added.members + added.begin, added.members + at,
            [&](const proxy_worker *other) { return other->s == added.members[at]->s; });
    };
    auto at = added.begin;
    while (at < added.end && !is_copy(at))
        ++at;
    return at;
}

// Others may be walking through the list: each of its entries stays a member.
void take_off(proxy_balancer &balancer, const Added &added, std::size_t at)
{
    for (; at + 1 < added.end; ++at)
        __atomic_store_n(&added.members[at], added.members[at + 1], __ATOMIC_RELEASE);
    __atomic_sub_fetch(&balancer.workers->nelts, 1, __ATOMIC_RELEASE);
}

// False: there was none.
bool take_off_copy(const Attached &attached)
{
    const auto added = added_to(attached);
    const auto at = find_copy(added);
    if (at >= added.end)
        return false;
    take_off(*attached.balancer, added, at);
    return true;
}

}  // namespace

void adopt_members(Attached &attached, server_rec *s, proxy_server_conf *conf)
{
    auto &balancer = *attached.balancer;
    if (balancer.s->wupdated <= balancer.wupdated)
        return;
    under_lock(balancer, [&] { ap_proxy_sync_balancer(&balancer, s, conf); });
    drop_copies(attached);
}

void drop_copies(const Attached &attached)
{
    const auto added = added_to(attached);
    if (find_copy(added) >= added.end)
        return;
    under_lock(*attached.balancer, [&] {
        while (take_off_copy(attached))
            ;
    });
}

}  // namespace stickybalancer
