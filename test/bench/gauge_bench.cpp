// SPDX-License-Identifier: Apache-2.0
//
// What it takes to begin and to end one attempt: nanoseconds for both, at a member without a limit
// and at one with it, by number of processes that have a slot; then with two processes at once, on
// the same member and on two. Fails when an attempt allocates.
//
//   sb_gauge_bench [--quick]
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <new>

#include "core/capacity/admission.hpp"
#include "core/capacity/processes.hpp"
#include "test/bench/core_bench.hpp"

using namespace stickybalancer;
using bench::Effort;

namespace {

constexpr std::uint32_t kMembers = 16;
constexpr std::uint32_t kMostProcesses = 256;

struct Start {
    std::atomic<int> ready;
    double ns[2];
};

class Bench {
public:
    Bench()
    {
        const shm::Geometry geometry{kMostProcesses, 8};
        const auto size = shm::region_bytes(geometry) + shm::block_bytes(kMembers, geometry);
        auto *memory = shared(size);
        shm::format(memory, size, geometry, {});
        region = shm::attach(memory, size).region;
        const shm::RegionLock lock(region);
        if (!region.claim_block(lock, {1, 1}, kMembers, block))
            bench::fail("no region");
        start = new (shared(sizeof(Start))) Start();
    }
    void claim_up_to(std::uint32_t count)
    {
        const shm::RegionLock lock(region);
        while (claimed_ < count)
            capacity::claim_process(lock, ++claimed_, {1});
    }
    capacity::Entrance entrance(std::uint32_t process, bool counts_total) const
    {
        return capacity::Entrance({region, block, process, counts_total});
    }

    // Both processes begin at once; the slower one's time.
    double both(const Effort &effort, std::uint32_t places, const capacity::Limits &limits)
    {
        start->ready = 0;
        const auto child = fork();
        const std::uint32_t self = child == 0 ? 1 : 0;
        start->ready.fetch_add(1);
        while (start->ready < 2) {
        }
        start->ns[self] = run(effort, entrance(self, false), places == 1 ? 0 : self, limits);
        if (child == 0)
            _exit(0);
        waitpid(child, nullptr, 0);
        return start->ns[0] > start->ns[1] ? start->ns[0] : start->ns[1];
    }
    static double run(const Effort &effort, const capacity::Entrance &entrance, std::uint32_t place,
                      const capacity::Limits &limits)
    {
        return bench::measure(effort, [&](int i) {
            capacity::Waiting waiting;
            const auto admission = entrance.enter(place, limits, {i}, waiting);
            if (admission.verdict != capacity::Verdict::kAdmitted)
                bench::fail("an attempt was not let in");
            entrance.end(admission.attempt);
        });
    }

    shm::Region region;
    shm::Block block;
    Start *start = nullptr;

private:
    static void *shared(std::size_t size)
    {
        void *memory =
            mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            bench::fail("no memory");
        return memory;
    }
    std::uint32_t claimed_ = 0;
};

}  // namespace

int main(int argc, char **argv)
{
    const auto effort = bench::effort_of(argc, argv);
    const capacity::Limits none{};
    const capacity::Limits limited{100, 0, 0, {0}, 200};
    const capacity::Limits growing{100, 2, 0, {0}, 200};
    Bench bench;
    std::printf("%10s %12s %12s %12s %12s   (ns to begin and end, median of %d)\n", "processes",
                "no limit", "and total", "maxconn", "and minconn", effort.rounds);
    for (const std::uint32_t processes : {2U, 16U, 64U, 256U}) {
        bench.claim_up_to(processes);
        std::printf("%10u %12.1f %12.1f %12.1f %12.1f\n", processes,
                    Bench::run(effort, bench.entrance(0, false), 0, none),
                    Bench::run(effort, bench.entrance(0, true), 0, none),
                    Bench::run(effort, bench.entrance(0, false), 0, limited),
                    Bench::run(effort, bench.entrance(0, true), 0, growing));
    }
    Bench two;
    two.claim_up_to(2);
    std::printf("\n%10s %12s %12s   (two processes at once)\n", "", "no limit", "maxconn");
    for (const std::uint32_t places : {2U, 1U})
        std::printf("%10s %12.1f %12.1f\n", places == 2 ? "two places" : "one place",
                    two.both(effort, places, none), two.both(effort, places, limited));
    return 0;
}
