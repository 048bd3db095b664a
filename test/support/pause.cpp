// SPDX-License-Identifier: Apache-2.0
#include "test/support/pause.hpp"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "test/support/wait.hpp"

namespace stickybalancer::test {

namespace {

// Or it is gone.
bool is_stopped(const std::filesystem::path &task)
{
    std::ifstream in(task / "stat");
    std::string stat;
    std::getline(in, stat);
    const auto name_end = stat.rfind(") ");
    return name_end == std::string::npos || stat[name_end + 2] == 'T';
}

bool has_only_stopped_threads(pid_t pid)
{
    std::error_code error;
    std::filesystem::directory_iterator task("/proc/" + std::to_string(pid) + "/task", error);
    for (; !error && task != std::filesystem::directory_iterator(); task.increment(error))
        if (!is_stopped(task->path()))
            return false;
    return true;
}

}  // namespace

void pause_all(const std::vector<pid_t> &processes)
{
    for (const auto pid : processes)
        ::kill(pid, SIGSTOP);
    const bool are_stopped = wait_until(within(std::chrono::seconds(20)), [&] {
        return std::all_of(processes.begin(), processes.end(), has_only_stopped_threads);
    });
    if (!are_stopped)
        throw std::runtime_error("a process does not stop");
}

void continue_all(const std::vector<pid_t> &processes)
{
    for (const auto pid : processes)
        ::kill(pid, SIGCONT);
}

}  // namespace stickybalancer::test
