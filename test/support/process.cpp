// SPDX-License-Identifier: Apache-2.0
#include "test/support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "test/support/socket.hpp"

namespace stickybalancer::test {
namespace {

std::vector<std::string> merged_environment(const Command &command)
{
    std::vector<std::string> merged;
    for (char **entry = ::environ; *entry; ++entry) {
        const std::string text = *entry;
        const auto name = text.substr(0, text.find('='));
        bool replaced = false;
        for (const auto &addition : command.environment)
            replaced = replaced || addition.first == name;
        if (!replaced)
            merged.push_back(text);
    }
    for (const auto &[name, value] : command.environment)
        merged.push_back(name + '=' + value);
    return merged;
}

std::vector<char *> pointers_to(std::vector<std::string> &texts)
{
    std::vector<char *> pointers;
    for (auto &text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// Between fork and exec of a process with threads: only what is safe in a signal handler.
[[noreturn]] void become(char *const *arguments, char *const *environment, int output, pid_t parent)
{
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent)
        ::_exit(127);  // it died before we asked to be told
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int input = ::open("/dev/null", O_RDONLY);
    ::dup2(input, 0);
    ::dup2(output, 1);
    ::dup2(output, 2);
    ::execve(arguments[0], arguments, environment);
    ::_exit(127);
}

}  // namespace

Process::Process(const Command &command)
{
    auto arguments = command.arguments;
    auto environment = merged_environment(command);
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);
    const Fd output(
        ::open(command.output.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0)
        become(argument_pointers.data(), environment_pointers.data(), output.number(), parent);
    ::setpgid(pid_, pid_);  // also here: who kills the group must not come before the child
}

Process::~Process()
{
    if (exit_code_)
        return;
    send(SIGTERM);
    wait_for_end(within(std::chrono::seconds(10)));
}

// Leaves the ended process unreaped, so that its id, and its group's, cannot be another's yet.
bool Process::is_running()
{
    if (exit_code_)
        return false;
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

void Process::send(int signal) const
{
    if (!exit_code_)
        ::kill(pid_, signal);
}

int Process::wait_for_end(Deadline deadline)
{
    wait_until(deadline, [this] { return !is_running(); });
    return kill_group();
}

// Orphans of the group have become our children (see the constructor), so that the group is gone,
// every process of it, when there is nobody left to wait for.
int Process::kill_group()
{
    if (exit_code_)
        return *exit_code_;
    ::kill(-pid_, SIGKILL);
    for (;;) {
        int status = 0;
        const auto ended = ::waitpid(-pid_, &status, 0);
        if (ended == pid_)
            exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else if (ended < 0 && errno != EINTR)
            break;
    }
    return exit_code_.value_or(127);
}

std::vector<pid_t> children_of(pid_t parent)
{
    const auto id = std::to_string(parent);
    std::ifstream in("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> children;
    for (pid_t child; in >> child;)
        children.push_back(child);
    return children;
}

}  // namespace stickybalancer::test
