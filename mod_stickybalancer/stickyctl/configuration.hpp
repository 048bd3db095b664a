// SPDX-License-Identifier: Apache-2.0
//
// Of all that the server tells of its balancers, what an administrator set: in the configuration or since.
// Counters, states that come and go, and where the server is are left out.
#pragma once

#include <string>
#include <vector>

#include "mod_stickybalancer/stickyctl/json_fields.hpp"

namespace stickybalancer::stickyctl {

// {"balancers": [{"name": ..., ..., "members": [...]}]}
Json configuration_of(const Json &balancers);

struct Difference {
    std::string what;              // "app", "app/b1", "app/b1 weight"
    std::string in_one, in_other;  // empty: it is not there
};

// Balancers and members are compared by name, and then their order: it decides between members with one route.
std::vector<Difference> differences(const Json &one, const Json &other);

}  // namespace stickybalancer::stickyctl
