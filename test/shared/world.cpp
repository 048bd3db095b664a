// SPDX-License-Identifier: Apache-2.0
#include "test/shared/world.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <stdexcept>

namespace stickybalancer::test {
namespace {

constexpr std::uint32_t kCapacity = 8;
constexpr int kMostScans = 20;

std::size_t region_size(const shm::Geometry &geometry)
{
    return shm::region_bytes(geometry) + shm::block_bytes(kCapacity, geometry);
}

}  // namespace

SharedMemory::SharedMemory(std::size_t size_bytes) : size_bytes_(size_bytes)
{
    void *mapped =
        mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        throw std::runtime_error("no shared memory");
    bytes_ = static_cast<std::byte *>(mapped);
}

SharedMemory::~SharedMemory() { munmap(bytes_, size_bytes_); }

base::TimeUs now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return {time.tv_sec * 1'000'000 + time.tv_nsec / 1000};
}

bool sleep_on(const capacity::Wait &wait, base::TimeUs until)
{
    const auto left_us = until.us - now().us;
    if (left_us <= 0)
        return false;
    const timespec timeout{left_us / 1'000'000, left_us % 1'000'000 * 1000};
    const auto result = syscall(SYS_futex, wait.word, FUTEX_WAIT, wait.value, &timeout, nullptr, 0);
    return result == 0 || errno != ETIMEDOUT;
}

void wake(capacity::FutexWord *word)
{
    if (word != nullptr)
        syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void wake(const capacity::Wakes &wakes)
{
    for (std::uint32_t i = 0; i < wakes.count; ++i)
        wake(wakes.words[i]);
}

bool Audit::take_token(std::uint32_t place, std::uint32_t who)
{
    // One token is free or it is not; of several, that which was free may have changed while we
    // looked.
    const int scans = kLimits[place].max_connections == 1 ? 1 : kMostScans;
    for (int scan = 0; scan < scans; ++scan)
        for (std::uint32_t i = 0; i < kLimits[place].max_connections; ++i) {
            std::uint32_t nobody = 0;
            if (tokens[place][i].compare_exchange_strong(nobody, who))
                return true;
        }
    return false;
}

void Audit::give_back(std::uint32_t place, std::uint32_t who)
{
    for (auto &token : tokens[place])
        if (auto mine = who; token.compare_exchange_strong(mine, 0))
            return;
}

void Audit::forget(std::uint32_t who)
{
    for (auto &place : tokens)
        for (auto &token : place)
            if (token == who)
                token = 0;
}

World::World(const shm::Geometry &geometry)
    : memory_(region_size(geometry)),
      audit_memory_(sizeof(Audit)),
      audit(*new (audit_memory_.bytes()) Audit())
{
    if (shm::format(memory_.bytes(), memory_.size_bytes(), geometry, {1, 2}) !=
        shm::RegionFault::kNone)
        throw std::runtime_error("no region");
    region = shm::attach(memory_.bytes(), memory_.size_bytes()).region;
    const shm::RegionLock lock(region);
    if (!region.claim_block(lock, {1, 1}, kCapacity, block))
        throw std::runtime_error("no block");
}

std::uint32_t World::claim(std::uint32_t pid) const
{
    const shm::RegionLock lock(region);
    return capacity::claim_process(lock, pid, now());
}

void World::reclaim(std::uint32_t pid) const
{
    audit.forget(pid);
    capacity::Wakes wakes;
    {
        const shm::RegionLock lock(region);
        if (const auto process = capacity::find_process(region, pid);
            process != capacity::kNoProcess)
            capacity::reclaim(lock, process, wakes);
    }
    wake(wakes);
}

std::string World::what_went_wrong() const
{
    std::string wrong;
    const auto add = [&wrong](const char *what, std::uint32_t count) {
        if (count != 0)
            wrong += std::string(what) + " " + std::to_string(count) + "; ";
    };
    add("let in over the limit", audit.over_the_limit);
    add("let in out of order", audit.out_of_order);
    add("never woken", audit.never_woken);
    add("bad records", audit.bad_records);
    return wrong;
}

std::string what_is_left(const shm::Region &region, const shm::Block &block)
{
    std::string left;
    for (std::uint32_t place = 0; place <= block.whole(); ++place) {
        const auto name = " at place " + std::to_string(place) + "; ";
        const auto sum = capacity::sum_of(region, block, place);
        if (sum.active + sum.connecting + sum.queued != 0)
            left += "gauges" + name;
        if (capacity::drift_of(region, block, place).value_or(1) != 0)
            left += "drift" + name;
        if (place < block.capacity() && block.load(place).active.load() != 0)
            left += "quick number" + name;
        if (place < block.capacity() && block.queue(place).waiting.load() != 0)
            left += "waiters" + name;
    }
    for (std::uint32_t process = 0; process < region.geometry().process_count; ++process)
        for (std::uint32_t index = 0; index < region.geometry().waiter_count; ++index) {
            const auto &record = region.waiter(process, index);
            if (record.is_taken.load() != 0 || record.ticket.load() != 0)
                left += "a record to wait in, of slot " + std::to_string(process) + "; ";
        }
    return left;
}

}  // namespace stickybalancer::test
