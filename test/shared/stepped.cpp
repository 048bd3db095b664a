// SPDX-License-Identifier: Apache-2.0
#include "test/shared/stepped.hpp"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace stickybalancer::test {

Stepped::Stepped(const std::function<void()> &body) : pid_(fork())
{
    if (pid_ == 0) {
        if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
            _exit(1);
        raise(SIGSTOP);
        body();
        _exit(0);
    }
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_ || !WIFSTOPPED(status))
        throw std::runtime_error("this system does not let a process trace its child");
}

Stepped::~Stepped()
{
    if (has_ended_)
        return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

bool Stepped::step() { return go(PTRACE_SINGLESTEP); }

void Stepped::run()
{
    while (go(PTRACE_CONT)) {
    }
}

bool Stepped::go(int request)
{
    int status = 0;
    if (!has_ended_)
        has_ended_ = ptrace(static_cast<__ptrace_request>(request), pid_, nullptr, nullptr) != 0 ||
                     waitpid(pid_, &status, 0) != pid_ || !WIFSTOPPED(status);
    return !has_ended_;
}

}  // namespace stickybalancer::test
