// SPDX-License-Identifier: Apache-2.0
//
// A configuration under examples/ in httpd, as its README starts it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/support/process.hpp"
#include "test/support/scenario.hpp"
#include "test/support/socket.hpp"
#include "test/support/temporary_directory.hpp"

namespace stickybalancer::test {

using Lines = std::vector<std::string>;

// The folder of this example.
std::filesystem::path example_folder(const std::string &name);

// An example's own file, its names defined as its README says. Its log is an oracle, too.
struct ExampleScenario : Scenario {
    const TemporaryDirectory root;
    std::map<std::string, ReservedPort> ports;
    std::vector<FakeMember> members;
    std::unique_ptr<Process> process;
    ErrorLog log{root.path() / "error.log"};

    // Of members with these names, which are its MEMBER1, MEMBER2, ...
    explicit ExampleScenario(const Lines &names);
    ~ExampleScenario();

    // As the members of examples/quickstart.
    void let_members_set_a_session_cookie();

    // Ports are defined by their names; a definition is "NAME VALUE".
    void start(const std::string &name, const Lines &port_names, const Lines &more = {});
    void graceful();
    void stop();

    Browser browser(const std::string &port = "SB_PORT");
    Response ask(const std::string &cookie, const std::string &port = "SB_PORT");

private:
    Command command(const std::string &name, const Lines &definitions) const;
    void wait_for_generation();

    int generations_ = 0;
};

}  // namespace stickybalancer::test
