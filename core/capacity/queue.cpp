// SPDX-License-Identifier: Apache-2.0
#include "core/capacity/queue.hpp"

#include <algorithm>

namespace stickybalancer::capacity {
namespace {

constexpr int kMostTries = 4;

std::uint32_t waiters_used(const shm::Region &region, std::uint32_t process) noexcept
{
    return std::min<std::uint32_t>(region.process(process).waiters_used.ordered_load(),
                                   region.geometry().waiter_count);
}

// Calls visit(record, ticket, deadline) for each that waits for the member.
template <typename Visit>
void each_waiting(const shm::Region &region, const shm::Block &block, std::uint32_t place,
                  const Visit &visit) noexcept
{
    for (std::uint32_t process = 0; process < region.processes_used(); ++process) {
        if (!region.is_claimed(process) || block.gauge(process, place).queued.ordered_load() == 0)
            continue;
        const auto end = waiters_used(region, process);
        for (std::uint32_t index = 0; index < end; ++index) {
            auto &record = region.waiter(process, index);
            const auto ticket = record.ticket.ordered_load();
            if (ticket == 0 || record.block.ordered_load() != block.offset() ||
                record.place.ordered_load() != place)
                continue;
            const base::TimeUs deadline{record.deadline_us.ordered_load()};
            if (record.ticket.ordered_load() == ticket)
                visit(record, ticket, deadline);
        }
    }
}

// A record of this process that no other thread has; null: there is none.
shm::WaiterSlot *take_record(const Gauges &gauges) noexcept
{
    const auto &region = gauges.region();
    auto &slot = region.process(gauges.process());
    const auto used = waiters_used(region, gauges.process());
    for (std::uint32_t index = 0; index < used; ++index) {
        auto &record = region.waiter(gauges.process(), index);
        if (record.is_taken.load() == 0 && record.is_taken.ordered_exchange(1) == 0)
            return &record;
    }
    for (auto next = used; next < region.geometry().waiter_count; ++next) {
        auto expected = next;
        slot.waiters_used.compare_exchange(expected, next + 1);
        auto &record = region.waiter(gauges.process(), next);
        if (record.is_taken.ordered_exchange(1) == 0)
            return &record;
    }
    return nullptr;
}

}  // namespace

Standing standing_of_locked(const Gauges &gauges, std::uint32_t place, std::uint64_t ticket,
                            base::TimeUs now) noexcept
{
    Standing standing;
    if (gauges.block().queue(place).waiting.ordered_load() == 0)
        return standing;
    each_waiting(gauges.region(), gauges.block(), place,
                 [&](shm::WaiterSlot &, std::uint64_t other, base::TimeUs deadline) {
                     ++standing.all;
                     standing.older += other < ticket && deadline > now ? 1 : 0;
                 });
    return standing;
}

bool join_locked(const Gauges &gauges, std::uint32_t place, base::TimeUs deadline,
                 Waiting &waiting) noexcept
{
    auto *record = take_record(gauges);
    if (record == nullptr)
        return false;
    waiting = {record,
               gauges.region().header().tickets.fetch_add(1) + 1,
               {place, gauges.counts_total()},
               deadline};
    gauges.begin_queued(waiting.attempt);
    record->block.ordered_exchange(gauges.block().offset());
    record->place.ordered_exchange(place);
    record->deadline_us.ordered_exchange(deadline.us);
    record->ticket.ordered_exchange(waiting.ticket);
    recount_locked(gauges.region(), gauges.block(), place);
    return true;
}

void leave_locked(const Gauges &gauges, Waiting &waiting) noexcept
{
    waiting.record->ticket.ordered_exchange(0);
    gauges.end_queued(waiting.attempt);
    waiting.record->is_taken.ordered_exchange(0);
    waiting.record = nullptr;
    recount_locked(gauges.region(), gauges.block(), waiting.attempt.place);
}

void recount_locked(const shm::Region &region, const shm::Block &block,
                    std::uint32_t place) noexcept
{
    std::uint32_t count = 0;
    each_waiting(region, block, place,
                 [&](shm::WaiterSlot &, std::uint64_t, base::TimeUs) { ++count; });
    block.queue(place).waiting.ordered_exchange(count);
}

FutexWord *wake_oldest(const shm::Region &region, const shm::Block &block,
                       std::uint32_t place) noexcept
{
    if (block.queue(place).waiting.ordered_load() == 0)
        return nullptr;
    FutexWord *word = nullptr;
    for (int tries = 0; tries < kMostTries; ++tries) {
        shm::WaiterSlot *oldest = nullptr;
        std::uint64_t least = kNewcomer;
        each_waiting(region, block, place,
                     [&](shm::WaiterSlot &record, std::uint64_t ticket, base::TimeUs) {
                         if (ticket < least) {
                             least = ticket;
                             oldest = &record;
                         }
                     });
        if (oldest == nullptr)
            return word;
        word = &oldest->word;
        word->ordered_fetch_add(1);
        // Still there: it will look. Gone meanwhile: whoever leaves looks for the next, but so do
        // we.
        if (oldest->ticket.ordered_load() == least)
            return word;
    }
    return word;
}

void wake_all(const shm::Region &region, const shm::Block &block, std::uint32_t place,
              Wakes &wakes) noexcept
{
    if (block.queue(place).waiting.ordered_load() == 0)
        return;
    each_waiting(region, block, place, [&](shm::WaiterSlot &record, std::uint64_t, base::TimeUs) {
        record.word.ordered_fetch_add(1);
        wakes.add(&record.word);
    });
}

}  // namespace stickybalancer::capacity
