// SPDX-License-Identifier: Apache-2.0
//
// The command beside a real httpd: a balancer "app" of the members a and b, with the operator's room at /sticky, and
// at /look for those who may only look.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "test/e2e/steps.hpp"
#include "test/support/process.hpp"

namespace stickybalancer::test {

using Words = std::vector<std::string>;

struct Finished {
    int code;
    std::string output;  // and errors
    bool says(const std::string &text) const { return output.find(text) != std::string::npos; }
};

// A command that runs on.
class RunningStickyctl {
public:
    explicit RunningStickyctl(const Command &command) : output_(command.output), process_(command)
    {
    }

    std::string output() const;
    bool wait_until_it_says(const std::string &text, int at_most_s = 20) const;
    bool is_running() { return process_.is_running(); }
    void send(int signal) const { process_.send(signal); }
    Finished finish(int at_most_s = 20);

private:
    std::filesystem::path output_;
    Process process_;
};

struct StickyctlScenario : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    Words environment;  // NAME=VALUE

    void start(const std::string &lines = "StickyCookie insert", const std::string &more = {},
               const HttpdOptions &options = {});

    std::string url(const std::string &location = "/sticky") const;
    // With the url of /sticky, unless the words name one.
    Finished stickyctl(const Words &words);
    int code_of(const Words &words) { return stickyctl(words).code; }
    std::unique_ptr<RunningStickyctl> start_stickyctl(const Words &words);
    // A shell command line in which $STICKYCTL is the program.
    Finished shell(const std::string &line);
    std::unique_ptr<RunningStickyctl> start_shell(const std::string &line);

private:
    Command command(Words words);
    int runs_ = 0;
};

}  // namespace stickybalancer::test
