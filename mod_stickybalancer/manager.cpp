// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/manager.hpp"

#include <cstring>

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {
namespace {

ap_filter_rec_t *manager_filter_handle = nullptr;

apr_status_t filter_answer(ap_filter_t *filter, apr_bucket_brigade *brigade)
{
    auto *next = filter->next;
    ap_remove_output_filter(filter);
    note_change(ap_server_conf);
    return ap_pass_brigade(next, brigade);
}

}  // namespace

void register_manager_filter()
{
    manager_filter_handle = ap_register_output_filter("STICKYBALANCER_MANAGER", filter_answer,
                                                      nullptr, AP_FTYPE_CONTENT_SET);
}

void watch_manager(request_rec *r)
{
    // A page without parameters changes nothing; balancer-manager reads them from either place.
    if (r->handler != nullptr && std::strcmp(r->handler, "balancer-manager") == 0 &&
        (r->args != nullptr || r->method_number == M_POST))
        ap_add_output_filter_handle(manager_filter_handle, nullptr, r, r->connection);
}

}  // namespace stickybalancer
