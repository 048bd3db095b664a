// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/live_sessions.hpp"

#include <new>

namespace stickybalancer {

LiveSessions::Slot *LiveSessions::take_slot(Block &block)
{
    auto taken = block.taken.load(kRelaxed);
    while (~taken != 0) {
        const auto index = std::countr_one(taken);
        const auto bit = std::uint64_t{1} << index;
        taken = block.taken.fetch_or(bit, kAcquire);
        if ((taken & bit) == 0)
            return &block.slots[index];
    }
    return nullptr;
}

// Null: no memory.
LiveSessions::Block *LiveSessions::block_after(Block &block)
{
    auto *next = block.next.load(kAcquire);
    if (next != nullptr)
        return next;
    auto *added = new (std::nothrow) Block{};
    if (added == nullptr || block.next.compare_exchange_strong(next, added))
        return added;
    delete added;  // another thread was faster
    return next;
}

LiveSessions::Slot *LiveSessions::begin()
{
    auto *block = &first_;
    for (std::uint32_t i = 0; block != nullptr && i < kMostRequests / 64; ++i) {
        if (auto *slot = take_slot(*block); slot != nullptr) {
            slot->kept_at_us.store(0, kRelaxed);
            return slot;
        }
        block = block_after(*block);
    }
    return nullptr;
}

void LiveSessions::add(Slot &slot, const sb_session &session)
{
    const auto count = slot.count.load(kRelaxed);
    if (count == kMostOfRequest)
        return;
    slot.sessions[count].high.store(session.high, kRelaxed);
    slot.sessions[count].low.store(session.low, kRelaxed);
    slot.count.store(count + 1, std::memory_order_release);
}

void LiveSessions::end(Slot &slot)
{
    slot.count.store(0, kRelaxed);
    for (auto *block = &first_; block != nullptr; block = block->next.load(kAcquire)) {
        const auto from = reinterpret_cast<std::uintptr_t>(&slot);
        const auto begin = reinterpret_cast<std::uintptr_t>(block->slots);
        const auto index = (from - begin) / sizeof(Slot);  // huge for a slot before this block
        if (index >= 64)
            continue;
        block->taken.fetch_and(~(std::uint64_t{1} << index), std::memory_order_release);
        return;
    }
}

}  // namespace stickybalancer
