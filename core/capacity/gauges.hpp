// SPDX-License-Identifier: Apache-2.0
//
// How many attempts are under way at a member, over all processes: exactly, and quickly.
//
// The truth is the rows: process p alone writes its Gauge of a member, and the gauge of all is the
// sum over the processes whose slot is claimed. A process that is killed, at whatever instruction,
// leaves a row that says what it had; the sum is right until the row is cleared, and right
// afterwards. The quick number, MemberLoad::active, is what balancing reads: one line instead of
// one for each process. It is moved beside the row.
//
// Benefits   Nothing is lost or counted twice by a kill; no lock; requests of different processes
//            meet in one line a member, which balancing writes anyway.
// Costs      Three atomic additions at each end of an attempt, two of them on a line of the
//            process's own; twice that where the balancer as a whole is counted, too.
// States     of a thread at a member: outside; changing, between its first and its last step.
// Transitions, each step one atomic instruction:
//   begin   1 row: changing + 1   2 quick + 1   3 row: active + 1, changing - 1, version + 1
//   end     1 row: active - 1, changing + 1   2 quick - 1   3 row: changing - 1, version + 1
// Whatever the step, the row never says more than the quick number does. So what a kill leaves
// between two steps makes the quick number too great, never too small, by one for each thread of
// the dead process that was inside: the drift.
//   reclaim     1 exchanges the row for `changing`   2 takes what it said from the quick number
//               3 clears the row. What was changing, by the dead process or by a reclaim that was
//               killed itself, may have left a drift: then it reconciles.
//   reconcile   1 reads all rows   2 reads the quick number   3 reads all rows again. Where some
//               row was changing, or differs between 1 and 3, it knows nothing, and tries again a
//               few times. Else no thread changed anything in between: the version would differ,
//               and a thread that had done its step 1 and not its step 3 would show as changing.
//               (All these steps stand in one order, base/relaxed.hpp. Had 2 seen a step 2 whose
//               step 1 was not yet seen by 3, or not seen one whose step 3 was seen by 1, the order
//               would contradict itself.) So quick minus sum is the drift exactly, and it stays
//               what it is until it is taken off, by a subtraction: changes that go on meanwhile
//               are not disturbed.
// Reclaim and reconcile are done by one process at a time: under the region's lock.
//
// Thread safety: any thread of the process whose index this is.
#pragma once

#include <cstdint>
#include <optional>

#include "core/shm/block.hpp"
#include "core/shm/region.hpp"

namespace stickybalancer::capacity {

struct GaugeSum {
    std::uint32_t active = 0;
    std::uint32_t connecting = 0;
    std::uint32_t queued = 0;
};

// An attempt under way; give it back to end(), once.
struct Attempt {
    std::uint32_t place = shm::kNoPlace;
    bool is_in_total = false;
};

class Gauges {
public:
    Gauges() = default;
    // `process` is this process's slot (processes.hpp). counts_total: BalancerState::total_active
    // and the gauges of the balancer as a whole are kept, too, for policies with a bounded load and
    // for minconn; it may change while attempts are under way.
    Gauges(const shm::Region &region, const shm::Block &block, std::uint32_t process,
           bool counts_total) noexcept
        : region_(region), block_(block), process_(process), counts_total_(counts_total)
    {
    }

    Attempt begin(std::uint32_t place) const noexcept;
    void end(const Attempt &attempt) const noexcept;

    // A part of an attempt: until the connection stands.
    void begin_connecting(std::uint32_t place) const noexcept;
    void end_connecting(std::uint32_t place) const noexcept;

    // A request waits for its turn, or does no more (queue.hpp).
    void begin_queued(const Attempt &waiting) const noexcept;
    void end_queued(const Attempt &waiting) const noexcept;

    const shm::Region &region() const noexcept { return region_; }
    const shm::Block &block() const noexcept { return block_; }
    std::uint32_t process() const noexcept { return process_; }
    bool counts_total() const noexcept { return counts_total_; }

private:
    shm::Gauge &own(std::uint32_t place) const noexcept { return block_.gauge(process_, place); }

    shm::Region region_;
    shm::Block block_;
    std::uint32_t process_ = 0;
    bool counts_total_ = false;
};

// Over all processes; block.whole() for the balancer. Cost: two lines a claimed slot.
GaugeSum sum_of(const shm::Region &region, const shm::Block &block, std::uint32_t place) noexcept;

// What the quick number says too much; nothing where that cannot be told now. For tests and the
// status page.
std::optional<std::uint64_t> drift_of(const shm::Region &region, const shm::Block &block,
                                      std::uint32_t place) noexcept;

struct Reconciled {
    std::uint32_t corrected = 0;  // quick numbers that were too great
    std::uint32_t unknown = 0;    // that were changing all the time: next time
};
// Takes the drift off the quick numbers of `count` places from `first` on; the place behind the
// last member is the balancer as a whole. Cost: as 2 * sum_of() for each place.
Reconciled reconcile(const shm::RegionLock &lock, const shm::Block &block, std::uint32_t first,
                     std::uint32_t count) noexcept;

}  // namespace stickybalancer::capacity
