// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/manager.hpp"

#include <cstring>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_states.hpp"
#include "mod_stickybalancer/upkeep.hpp"

namespace stickybalancer {
namespace {

ap_filter_rec_t *manager_filter_handle = nullptr;

template <typename Visit>
void for_each_of_ours(const Visit &visit)
{
    for (const auto *s = ap_server_conf; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; list != nullptr && i < list->nelts; ++i)
            if (auto &attached = *APR_ARRAY_IDX(list, i, Attached *); attached.elects())
                visit(attached);
    }
}

apr_status_t filter_answer(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    auto *next = filter->next;
    ap_remove_output_filter(filter);
    note_change(ap_server_conf);
    const auto now = apr_time_now();
    const auto occasion = occasion_of(filter->r, now);
    for_each_of_ours([&](Attached &attached) {
        remember_members(attached, now);
        note_operator(attached, occasion);
    });
    return ap_pass_brigade(next, brigade);
}

// What balancer-manager shows as busy is as exact as the region, whatever process was killed.
void show_exact_loads(Attached &attached)
{
    for (auto *worker : members_of(*attached.balancer)) {
        sb_member_load load{};
        load.struct_size = sizeof(load);
        std::uint32_t place = kNoPlace;
        if (find_place(attached, *worker, place) &&
            sb_balancer_member_load(attached.core, place, &load) == SB_OK)
            __atomic_store_n(&worker->s->busy, load.active, __ATOMIC_RELAXED);
    }
}

}  // namespace

void register_manager_filter()
{
    manager_filter_handle = ap_register_output_filter("STICKYBALANCER_MANAGER", filter_answer,
                                                      nullptr, AP_FTYPE_CONTENT_SET);
}

void watch_manager(request_rec *r)
{
    if (r->proxyreq != PROXYREQ_NONE || r->handler == nullptr ||
        std::strcmp(r->handler, "balancer-manager") != 0)
        return;
    for_each_of_ours(show_exact_loads);
    // A page without parameters changes nothing; balancer-manager reads them from either place.
    if (r->args != nullptr || r->method_number == M_POST)
        ap_add_output_filter_handle(manager_filter_handle, nullptr, r, r->connection);
}

}  // namespace stickybalancer
