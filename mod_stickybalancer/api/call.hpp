// SPDX-License-Identifier: Apache-2.0
//
// One call of the API, taken apart, and who answers it. Each answers OK, whatever came of it: what went wrong is in the
// answer already.
//
// Thread safety: the request's thread. May throw std::bad_alloc.
#pragma once

#include "mod_stickybalancer/api/api_path.hpp"
#include "mod_stickybalancer/api/our_balancers.hpp"
#include "mod_stickybalancer/member_names.hpp"

namespace stickybalancer::api {

struct Call {
    request_rec *r;
    ApiPath path;
    bool may_write;
};

// The balancer that the path names; null: there is none, and 404 was answered.
const OurBalancer *balancer_of(const Call &call);
// The member of it that the path names; null: the same.
const proxy_worker *member_of(const Call &call, const MemberNames &names);

int show_balancers(const Call &call);
int show_one_balancer(const Call &call);
int show_members_of(const Call &call);
int show_one_member(const Call &call);
int show_server(const Call &call);
int show_sessions(const Call &call);
int show_table(const Call &call);
int show_metrics(const Call &call);
int show_health(const Call &call);

int change_server(const Call &call);
int change_member(const Call &call);
int add_member(const Call &call);
int remove_member(const Call &call);
int pin_client(const Call &call);
int take_pins_back(const Call &call);
int forget_sessions(const Call &call);

}  // namespace stickybalancer::api
