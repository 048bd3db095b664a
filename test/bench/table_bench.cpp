// SPDX-License-Identifier: Apache-2.0
//
// Time of what a session table is asked, in nanoseconds, by number of sessions: a look for one that is there
// (hit) and for one that is not (miss), learning a new one where there is room (learn) and where another has
// to make it (full); with the digest of a key of 32 bytes, and without. How much more two threads, or two
// processes, do in the same time than one. And what a session takes of memory. Fails when any of it allocates.
//
//   sb_table_bench [--quick] [SESSIONS]
#include <sys/mman.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "test/bench/session_load.hpp"

using namespace stickybalancer;
using namespace stickybalancer::bench;

namespace {

// Memory without a name that forked processes share.
class Memory {
public:
    explicit Memory(std::uint64_t session_count)
        : size_bytes_(stick_table::Plan(session_count).size_bytes),
          bytes_(
              mmap(nullptr, size_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
    {
        if (bytes_ == MAP_FAILED || stick_table::format(bytes_, size_bytes_, session_count, kOwner,
                                                        {3, 5}) != stick_table::TableFault::kNone)
            fail("no table");
    }
    ~Memory() { munmap(bytes_, size_bytes_); }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;

    stick_table::StickTable table() const
    {
        return stick_table::StickTable(stick_table::attach(bytes_, size_bytes_, kOwner).memory);
    }
    std::size_t size_bytes() const { return size_bytes_; }
    // What of it is in memory.
    std::size_t resident_bytes() const
    {
        char start[32];
        std::snprintf(start, sizeof(start), "%" PRIxPTR "-",
                      reinterpret_cast<std::uintptr_t>(bytes_));
        std::ifstream maps("/proc/self/smaps");
        bool is_ours = false;
        for (std::string line; std::getline(maps, line);) {
            if (line.rfind(start, 0) == 0)
                is_ours = true;
            else if (is_ours && line.rfind("Rss:", 0) == 0)
                return std::strtoull(line.c_str() + 4, nullptr, 10) * 1024;
        }
        return 0;
    }

private:
    static constexpr shm::Identity kOwner{7, 11};
    std::size_t size_bytes_;
    void *bytes_;
};

void print_row(const Effort &effort, const Sessions &sessions, Ask ask, const char *name)
{
    SessionLoad with_key(sessions, ask, true, effort.calls),
        without(sessions, ask, false, effort.calls);
    const auto key_ns = time_of(effort, with_key), ns = time_of(effort, without);
    std::printf("%10" PRIu64 " %-6s %10.0f %10.0f %10.2f %10.2f\n", sessions.table.session_count(),
                name, key_ns, ns, speed_of_two(effort, sessions, ask, Workers::kThreads),
                speed_of_two(effort, sessions, ask, Workers::kProcesses));
    std::fflush(stdout);
}

void print_memory(const Memory &memory)
{
    const auto count = memory.table().numbers().sessions;
    const auto of_each = [count](std::size_t bytes) {
        return static_cast<double>(bytes) / static_cast<double>(count);
    };
    std::printf("%10" PRIu64 " sessions: %.1f bytes each, %.1f of them in memory\n", count,
                of_each(memory.size_bytes()), of_each(memory.resident_bytes()));
}

void print_rows(const Effort &effort, std::uint64_t session_count)
{
    const Memory memory(session_count);
    Sessions sessions{memory.table()};
    sessions.fill_to(session_count / 2);
    print_memory(memory);
    print_row(effort, sessions, Ask::kLearn, "learn");
    sessions.fill_to(session_count);
    print_memory(memory);
    print_row(effort, sessions, Ask::kHit, "hit");
    print_row(effort, sessions, Ask::kMiss, "miss");
    print_row(effort, sessions, Ask::kLearn, "full");
}

}  // namespace

int main(int argc, char **argv)
{
    auto effort = effort_of(argc, argv);
    effort.calls = std::min(effort.calls, 100'000);
    const bool is_quick = effort.rounds == 1;
    const std::uint64_t wanted = argc > 1 ? std::strtoull(argv[argc - 1], nullptr, 10) : 0;
    std::printf("%10s %-6s %10s %10s %10s %10s   (ns, median of %d)\n", "sessions", "", "with key",
                "by digest", "threads", "processes", effort.rounds);
    if (wanted != 0 || is_quick)
        print_rows(effort, wanted != 0 ? wanted : 50'000);
    else
        for (const std::uint64_t session_count : {1'000'000u, 10'000'000u})
            print_rows(effort, session_count);
    return 0;
}
