// SPDX-License-Identifier: Apache-2.0
//
// Balancers and members as JSON, whatever call asks for them: always with all fields. schema.json says what each is.
//
// Thread safety: the request's thread.
#pragma once

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/api/our_balancers.hpp"
#include "mod_stickybalancer/member_view.hpp"

namespace stickybalancer::api {

void show_member(JsonWriter &json, const OurBalancer &balancer, const MemberView &member);

// The field "members".
void show_members(JsonWriter &json, const OurBalancer &balancer, const BalancerView &view);

// `pool`: for the call.
void show_balancer(JsonWriter &json, apr_pool_t *pool, const OurBalancer &balancer,
                   const BalancerView &view, bool has_members);

// The whole answer: one member, and its ETag.
void answer_with_member(request_rec *r, int status, const OurBalancer &balancer,
                        const MemberView &member);

}  // namespace stickybalancer::api
