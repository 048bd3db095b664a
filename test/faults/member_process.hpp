// SPDX-License-Identifier: Apache-2.0
//
// A member that is a process of its own, so that it can be killed and frozen as servers are. Its
// port stays reserved: while it is down, connections to it are refused.
//
// Thread safety: made and used by the test's main thread (see Process).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "test/faults/member_board.hpp"
#include "test/support/process.hpp"
#include "test/support/socket.hpp"

namespace stickybalancer::test {

class MemberProcess {
public:
    // `line` of the board is its own; its output goes to a file beside the board's.
    MemberProcess(std::string name, const std::filesystem::path &board, std::size_t line);
    ~MemberProcess();

    const std::string &name() const { return name_; }
    std::string url() const;  // for BalancerMember

    void start();  // returns when it listens
    void kill();   // returns when it is gone
    void freeze();
    void thaw();
    void set_conduct(Conduct conduct) { board_line_.conduct = conduct; }

private:
    std::string name_;
    std::filesystem::path board_;
    std::size_t line_;
    MemberBoard::Line &board_line_;
    ReservedPort port_;
    std::unique_ptr<Process> process_;
};

// The process: `arguments` are what comes after the program's name. False: they are not for it.
bool is_member_process(const std::vector<std::string> &arguments);
[[noreturn]] void serve_as_member(const std::vector<std::string> &arguments);

}  // namespace stickybalancer::test
