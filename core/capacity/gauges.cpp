// SPDX-License-Identifier: Apache-2.0
#include "core/capacity/gauges.hpp"

#include "core/shm/gauge_word.hpp"

namespace stickybalancer::capacity {
namespace {

using shm::kOneActive;
using shm::kOneChanging;
using shm::kOneVersion;

constexpr int kMostTries = 8;

template <typename T>
void add(shm::Gauge &own, base::Relaxed<T> &quick) noexcept
{
    own.attempts.ordered_fetch_add(kOneChanging);
    quick.ordered_fetch_add(1);
    own.attempts.ordered_fetch_add(kOneActive - kOneChanging + kOneVersion);
}

template <typename T>
void take_off(shm::Gauge &own, base::Relaxed<T> &quick) noexcept
{
    own.attempts.ordered_fetch_add(kOneChanging - kOneActive);
    quick.ordered_fetch_add(static_cast<T>(-1));
    own.attempts.ordered_fetch_add(kOneVersion - kOneChanging);
}

// All rows of one place: their sum, and a digest by which to see that none has changed.
struct Reading {
    std::uint64_t active = 0;
    std::uint64_t digest = 0;
    bool is_changing = false;
};

Reading read_rows(const shm::Region &region, const shm::Block &block, std::uint32_t place) noexcept
{
    Reading reading;
    for (std::uint32_t process = 0; process < region.processes_used(); ++process) {
        if (!region.is_claimed(process))
            continue;
        const auto word = block.gauge(process, place).attempts.ordered_load();
        reading.active += shm::active_in(word);
        reading.is_changing = reading.is_changing || shm::is_changing(word);
        reading.digest = (reading.digest ^ word) * 0x9E3779B97F4A7C15U + process;
    }
    return reading;
}

template <typename Quick>
std::optional<std::uint64_t> drift(const shm::Region &region, const shm::Block &block,
                                   std::uint32_t place, const Quick &quick) noexcept
{
    for (int tries = 0; tries < kMostTries; ++tries) {
        const auto before = read_rows(region, block, place);
        const std::uint64_t seen = quick.ordered_load();
        const auto after = read_rows(region, block, place);
        if (!before.is_changing && !after.is_changing && before.digest == after.digest)
            return seen - after.active;
    }
    return std::nullopt;
}

template <typename T>
void correct(base::Relaxed<T> &quick, std::uint64_t drift, Reconciled &result) noexcept
{
    if (drift == 0)
        return;
    quick.ordered_fetch_add(static_cast<T>(0 - drift));
    ++result.corrected;
}

}  // namespace

Attempt Gauges::begin(std::uint32_t place) const noexcept
{
    add(own(place), block_.load(place).active);
    if (counts_total_)
        add(own(block_.whole()), block_.state().total_active);
    return {place, counts_total_};
}

void Gauges::end(const Attempt &attempt) const noexcept
{
    take_off(own(attempt.place), block_.load(attempt.place).active);
    if (attempt.is_in_total)
        take_off(own(block_.whole()), block_.state().total_active);
}

void Gauges::begin_connecting(std::uint32_t place) const noexcept
{
    own(place).connecting.fetch_add(1);
}

void Gauges::end_connecting(std::uint32_t place) const noexcept
{
    own(place).connecting.fetch_add(static_cast<std::uint32_t>(-1));
}

void Gauges::begin_queued(const Attempt &waiting) const noexcept
{
    own(waiting.place).queued.ordered_fetch_add(1);
    if (waiting.is_in_total)
        own(block_.whole()).queued.ordered_fetch_add(1);
}

void Gauges::end_queued(const Attempt &waiting) const noexcept
{
    own(waiting.place).queued.ordered_fetch_add(static_cast<std::uint32_t>(-1));
    if (waiting.is_in_total)
        own(block_.whole()).queued.ordered_fetch_add(static_cast<std::uint32_t>(-1));
}

GaugeSum sum_of(const shm::Region &region, const shm::Block &block, std::uint32_t place) noexcept
{
    GaugeSum sum;
    for (std::uint32_t process = 0; process < region.processes_used(); ++process) {
        if (!region.is_claimed(process))
            continue;
        const auto &gauge = block.gauge(process, place);
        sum.active += shm::active_in(gauge.attempts.ordered_load());
        sum.connecting += gauge.connecting.load();
        sum.queued += gauge.queued.ordered_load();
    }
    return sum;
}

std::optional<std::uint64_t> drift_of(const shm::Region &region, const shm::Block &block,
                                      std::uint32_t place) noexcept
{
    if (place == block.whole())
        return drift(region, block, place, block.state().total_active);
    const auto found = drift(region, block, place, block.load(place).active);
    // Of 32 bits, as the number is.
    return found ? std::optional<std::uint64_t>(static_cast<std::uint32_t>(*found)) : std::nullopt;
}

Reconciled reconcile(const shm::RegionLock &lock, const shm::Block &block, std::uint32_t first,
                     std::uint32_t count) noexcept
{
    Reconciled result;
    if (!lock.is_held())
        return result;
    for (auto place = first; place <= block.whole() && place - first < count; ++place) {
        const auto drift = drift_of(lock.region(), block, place);
        if (!drift)
            ++result.unknown;
        else if (place == block.whole())
            correct(block.state().total_active, *drift, result);
        else
            correct(block.load(place).active, *drift, result);
    }
    return result;
}

}  // namespace stickybalancer::capacity
