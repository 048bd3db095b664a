// SPDX-License-Identifier: Apache-2.0
//
// The operator's room of one server: its JSON, and its refusals as failures with the exit code they come to.
#pragma once

#include <string>

#include "mod_stickybalancer/stickyctl/json_fields.hpp"
#include "mod_stickybalancer/stickyctl/transport.hpp"

namespace stickybalancer::stickyctl {

class Api {
public:
    explicit Api(Transport &transport) : transport_(transport) {}

    Json server() { return read("server"); }
    // With all members, read in parts where a balancer has many.
    Json balancers();
    // `path` is below api/v1/, encoded.
    Json read(const std::string &path);
    // An empty object where the server has nothing to say.
    Json write(const std::string &method, const std::string &path, const Json &body);
    Json write(const std::string &method, const std::string &path);

    const std::string &name() const { return transport_.name(); }

private:
    Json send(const Call &call);
    void read_further_members(Json &balancer);

    Transport &transport_;
};

}  // namespace stickybalancer::stickyctl
