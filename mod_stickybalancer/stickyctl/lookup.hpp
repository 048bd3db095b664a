// SPDX-License-Identifier: Apache-2.0
//
// Members and balancers by what people call them: name, url, label or address; BALANCER/MEMBER where the
// member's alone is not unique.
#pragma once

#include <string>

#include "mod_stickybalancer/stickyctl/json_fields.hpp"

namespace stickybalancer::stickyctl {

struct MemberFound {
    std::string balancer, name;
    Json member;

    std::string full_name() const { return balancer + "/" + name; }
    // Of its place in the API.
    std::string path() const;
};

// In the answer of GET balancers. Fails with kNotFound where nothing is called so, and with kUsage, naming the
// candidates, where several are: a name goes over an url, that over a label, that over an address.
MemberFound find_member(const Json &balancers, const std::string &text);
Json find_balancer(const Json &balancers, const std::string &text);

std::string balancer_path(const std::string &balancer);

}  // namespace stickybalancer::stickyctl
