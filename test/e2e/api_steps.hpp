// SPDX-License-Identifier: Apache-2.0
//
// The operators' API as tests use it: a location that reads and writes, one that only reads, and what comes as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "test/e2e/steps.hpp"

namespace stickybalancer::test {

using Json = nlohmann::json;

// /ops writes, /look reads; both for this machine only.
extern const char *const kApiLocations;
inline const std::string kApi = "/ops/api/v1";
inline const Headers kJson = {{"Content-Type", "application/json"}};

// Members a and b of balancer://app, with cookies; `lines` go into its section, `before` stands before it.
struct ApiScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines = "", const std::string &before = "");
    // This one in place of a and b, by a graceful restart.
    void restart_with(const FakeMember &member, const std::string &lines);

    // Each throws where there is no JSON; through a connection of its own.
    Json get(const std::string &path) const;
    Json member(const std::string &name) const { return get("/balancers/app/members/" + name); }

    Response call(const std::string &method, const std::string &path, const std::string &body = {},
                  const Headers &headers = kJson) const;
    Response patch(const std::string &member, const std::string &body,
                   const Headers &headers = kJson) const;
    Response add(const std::string &body) const;
    Response remove(const std::string &member) const;
};

// Of an answer that is an error: its status, and that it is {"error":"..."}.
bool is_error(const Response &response, int status);

// What the module's own schema has against each of these texts; empty: nothing.
std::string schema_problems(const ApiScenario &scenario, const std::vector<std::string> &texts);

}  // namespace stickybalancer::test
