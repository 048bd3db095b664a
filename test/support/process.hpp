// SPDX-License-Identifier: Apache-2.0
//
// A child process, in a process group of its own, that does not outlive the test: the destructor
// ends it, and where the test is killed the kernel sends it SIGTERM. The kernel does so already
// when the thread that made it ends: make it in the test's main thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "test/support/wait.hpp"

namespace stickybalancer::test {

struct Command {
    std::vector<std::string> arguments;  // the first is the program's path
    std::vector<std::pair<std::string, std::string>> environment;  // added to the test's own
    std::filesystem::path output;  // standard output and error are appended to this file
};

class Process {
public:
    explicit Process(const Command &command);
    ~Process();  // SIGTERM, then SIGKILL to the group
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    pid_t pid() const { return pid_; }
    bool is_running();
    void send(int signal) const;

    // Until it has ended, at most; what is left of its group is killed then, and killed anyhow at
    // the deadline. The exit code, or 128 and the signal, as a shell says it.
    int wait_for_end(Deadline deadline);
    int kill_group();

private:
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
};

std::vector<pid_t> children_of(pid_t parent);

}  // namespace stickybalancer::test
