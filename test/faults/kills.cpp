// SPDX-License-Identifier: Apache-2.0
#include "test/faults/kills.hpp"

#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "test/support/process.hpp"
#include "test/support/temporary_directory.hpp"

namespace stickybalancer::test {
namespace {

// Its descriptors are closed then: by the last of its threads, which the first may not wait for.
bool has_ended(pid_t pid)
{
    const auto process = std::filesystem::path("/proc") / std::to_string(pid);
    std::error_code gone;
    std::filesystem::directory_iterator threads(process / "task", gone);
    if (gone || std::distance(begin(threads), end(threads)) == 0)
        return true;
    const auto stat = read_file(process / "stat");
    const auto name_end = stat.rfind(") ");
    return name_end == std::string::npos ||
           (stat[name_end + 2] == 'Z' &&
            std::distance(std::filesystem::directory_iterator(process / "task", gone),
                          std::filesystem::directory_iterator()) <= 1);
}

}  // namespace

ChildKiller::ChildKiller(pid_t parent, const KillPlan &plan, FaultTimes &times)
    : parent_(parent), plan_(plan), times_(times), random_(plan.seed), thread_([this] { run(); })
{
}

ChildKiller::~ChildKiller() { stop(); }

int ChildKiller::stop()
{
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    over_.notify_all();
    if (thread_.joinable())
        thread_.join();
    return count_;
}

bool ChildKiller::pause()
{
    std::uniform_int_distribution<std::int64_t> spans(plan_.least_pause.count(),
                                                      plan_.longest_pause.count());
    std::unique_lock lock(mutex_);
    return !over_.wait_for(lock, std::chrono::milliseconds(spans(random_)),
                           [this] { return is_over_; });
}

void ChildKiller::run()
{
    while (pause())
        kill_some();
}

void ChildKiller::kill_some()
{
    auto children = children_of(parent_);
    std::shuffle(children.begin(), children.end(), random_);
    children.resize(std::min(children.size(), static_cast<std::size_t>(plan_.at_once)));
    kill_children(children, times_);
    count_ += static_cast<int>(children.size());
}

void kill_children(const std::vector<pid_t> &children, FaultTimes &times)
{
    times.begin();
    for (const auto child : children)
        ::kill(child, SIGKILL);
    wait_until(within(std::chrono::seconds(10)),
               [&] { return std::all_of(children.begin(), children.end(), has_ended); });
    times.end();
}

}  // namespace stickybalancer::test
