// SPDX-License-Identifier: Apache-2.0
#include "core/capacity/processes.hpp"

#include "core/capacity/gauges.hpp"
#include "core/shm/gauge_word.hpp"

namespace stickybalancer::capacity {
namespace {

void reclaim_place(const shm::RegionLock &lock, const shm::Block &block, std::uint32_t process,
                   std::uint32_t place) noexcept
{
    auto &gauge = block.gauge(process, place);
    if (gauge.attempts.ordered_load() != 0) {
        const auto word = gauge.attempts.ordered_exchange(shm::kOneChanging);
        const auto active = shm::active_in(word);
        if (place == block.whole())
            block.state().total_active.ordered_fetch_add(-std::uint64_t{active});
        else
            block.load(place).active.ordered_fetch_add(-active);
        gauge.attempts.ordered_exchange(0);
        if (shm::is_changing(word))
            reconcile(lock, block, place, 1);
    }
    if (gauge.connecting.load() != 0)
        gauge.connecting.store(0);
    if (gauge.queued.ordered_load() != 0)
        gauge.queued.ordered_exchange(0);
}

// What is zero is not written, so that its page stays unused.
void clear_waiters(const shm::Region &region, std::uint32_t process) noexcept
{
    for (std::uint32_t index = 0; index < region.geometry().waiter_count; ++index) {
        auto &record = region.waiter(process, index);
        if (record.ticket.ordered_load() != 0)
            record.ticket.ordered_exchange(0);
        if (record.is_taken.load() != 0)
            record.is_taken.store(0);
    }
    region.process(process).waiters_used.ordered_exchange(0);
}

void wake_queues(const shm::Block &block, const shm::Region &region, Wakes &wakes) noexcept
{
    for (std::uint32_t place = 0; place < block.capacity(); ++place) {
        auto &queue = block.queue(place);
        if (queue.waiting.ordered_load() == 0)
            continue;
        {
            const shm::RobustGuard guard(queue.lock);
            if (!guard.is_held())
                continue;
            recount_locked(region, block, place);
        }
        wakes.add(wake_oldest(region, block, place));
    }
}

}  // namespace

std::uint32_t find_process(const shm::Region &region, std::uint32_t pid) noexcept
{
    for (std::uint32_t process = 0; process < region.processes_used(); ++process)
        if (region.process(process).pid.acquire() == pid)
            return process;
    return kNoProcess;
}

std::uint32_t claim_process(const shm::RegionLock &lock, std::uint32_t pid,
                            base::TimeUs now) noexcept
{
    if (!lock.is_held() || pid == 0)
        return kNoProcess;
    const auto &region = lock.region();
    if (const auto left = find_process(region, pid); left != kNoProcess) {
        Wakes wakes;  // who is not woken looks by itself
        reclaim(lock, left, wakes);
    }
    std::uint32_t process = 0;
    while (process < region.geometry().process_count && region.is_claimed(process))
        ++process;
    if (process == region.geometry().process_count)
        return kNoProcess;
    // Zero after a reclaim. Not so where the file was damaged, or all processes were killed at
    // once.
    region.each_block([&](const shm::Block &block) {
        shm::clear_row(block, process);
        return true;
    });
    clear_waiters(region, process);
    auto &slot = region.process(process);
    slot.started_us.store(now.us);
    if (process >= region.processes_used())
        region.header().processes_used.store(process + 1);
    slot.pid.publish(pid);
    return process;
}

void reclaim(const shm::RegionLock &lock, std::uint32_t process, Wakes &wakes) noexcept
{
    const auto &region = lock.region();
    if (!lock.is_held() || process >= region.processes_used() || !region.is_claimed(process))
        return;
    clear_waiters(region, process);
    region.each_block([&](const shm::Block &block) {
        for (std::uint32_t place = 0; place <= block.whole(); ++place)
            reclaim_place(lock, block, process, place);
        return true;
    });
    region.each_block([&](const shm::Block &block) {
        wake_queues(block, region, wakes);
        return true;
    });
    // Last: whoever is killed on the way leaves a slot that is reclaimed again.
    region.process(process).pid.publish(0);
}

}  // namespace stickybalancer::capacity
