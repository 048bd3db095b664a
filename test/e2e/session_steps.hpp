// SPDX-License-Identifier: Apache-2.0
//
// What tests of session tables do in the same way: an application on three members that gives its sessions
// ids, and clients that bring one.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "test/e2e/status_page.hpp"
#include "test/e2e/steps.hpp"

namespace stickybalancer::test {

struct SessionScenario : Scenario {
    std::vector<FakeMember> members;  // a, b, c; their names are their routes

    // /login sets JSESSIONID, another at each request: "ID-of-a".
    SessionScenario();

    // A balancer "app" of the three members, for everything; `lines` in its section, `words` behind each
    // member.
    static std::string site(const std::string &lines, const std::string &words = "retry=1");
    void start(const std::string &lines, const std::string &more = {});

    FakeMember &member(const std::string &name);

    // Logs a client of its own in; its session id.
    std::string log_in();
    // At this member.
    std::string log_in_at(const std::string &name);

    // Who answers so many requests with these headers, each over a connection of its own.
    Share served(const Headers &headers, int count = 6, const std::string &path = "/",
                 const BrowserOptions &options = {}) const;
    // The same member answers all of them, in which "cause=table" is what it rested on.
    bool is_kept(const Headers &headers, const std::string &member, const std::string &path = "/",
                 const BrowserOptions &options = {}) const;

    // The one of mod_status' page that says so: "Sessions.learned" and the like.
    int count(const std::string &key) const;

private:
    std::shared_ptr<std::atomic<int>> ids_ = std::make_shared<std::atomic<int>>(0);
};

Headers cookie(const std::string &id, const std::string &name = "JSESSIONID");

// "x-of-a" is a's.
std::string member_of(const std::string &id);

// Nobody has answered more than his turn of requests that belong to nobody.
bool is_spread(const Share &share);

}  // namespace stickybalancer::test
