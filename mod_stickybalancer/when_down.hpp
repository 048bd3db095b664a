// SPDX-License-Identifier: Apache-2.0
//
// What happens to a bound client whose member cannot serve: what StickyWhenDown says in the section of
// requests that this one is in, else in the balancer's section. nofailover=On, which balancer-manager may
// change, means reject where the balancer's section says nothing that forbids failover.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// The words of StickyWhenDown, as directives.def numbers them.
enum class WhenDownPolicy { kRedispatch = 0, kPersist = 1, kReject = 2, kRedirect = 3 };

// The same as the core has it: the last two are one to it.
sb_when_down when_down_of(const request_rec *r, const Attached &attached);

// The client's member cannot serve, and no other may: the status to answer with, and what goes with it. The
// client stays bound.
int answer_instead(request_rec *r, const Attached &attached);

// Both may be moved: the client is to be moved, and not to be.
bool contradicts_nofailover(const Options &options, const proxy_balancer_shared &balancer);

}  // namespace stickybalancer
