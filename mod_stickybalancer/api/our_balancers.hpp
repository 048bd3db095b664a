// SPDX-License-Identifier: Apache-2.0
//
// The balancers of the whole server that are this module's, each once, whatever virtual host is asked, and what they
// are called there: the name without "balancer://" where only one has it, else NAME@HOST:PORT of its virtual host.
//
// Thread safety: any thread. Lifetime: the request's.
#pragma once

#include <span>
#include <string_view>

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer::api {

struct OurBalancer {
    Attached *attached;
    const char *name;
    const char *host;  // HOST:PORT; HOST where the server has no port of its own
};

std::span<const OurBalancer> our_balancers(const request_rec *r);

// Null: there is none of that name.
const OurBalancer *find_balancer(const request_rec *r, std::string_view name);

}  // namespace stickybalancer::api
