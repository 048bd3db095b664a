// SPDX-License-Identifier: Apache-2.0
//
// The command with a server that answers what a test says, without a network.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mod_stickybalancer/stickyctl/program.hpp"

namespace stickybalancer::stickyctl {

struct FakeServer {
    // By "GET api/v1/balancers"; what is not here is answered 404 with a sentence.
    std::map<std::string, Answer> answers;
    std::vector<Call> calls;
    std::vector<ServerAddress> dialled;
    std::map<std::string, std::string> environment = {
        {"STICKYCTL_URL", "http://lb.example/sticky"}};

    struct Result {
        ExitCode code;
        std::string out, err;
    };
    Result run(const std::vector<std::string> &arguments);

    void answer(const std::string &call, const Json &json)
    {
        answers[call] = {200, dump(json, false), ""};
    }
    const Call &last_call() const { return calls.back(); }
};

// A member in full shape, ready and up; fields of `changes` go over it.
Json member_json(const std::string &name, const Json &changes = Json::object());
Json balancer_json(const std::string &name, const std::vector<Json> &members);
Json balancers_json(const std::vector<Json> &balancers);

}  // namespace stickybalancer::stickyctl
