// SPDX-License-Identifier: Apache-2.0
//
// What a host does for the core: maps the region, tells the time, sleeps and wakes. And an auditor
// in memory of its own that knows, by other means than gauges, who is let in.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/capacity/admission.hpp"
#include "core/capacity/processes.hpp"
#include "core/shm/region.hpp"

namespace stickybalancer::test {

// Zero bytes that forked processes share, for as long as the object lives.
class SharedMemory {
public:
    explicit SharedMemory(std::size_t size_bytes);
    ~SharedMemory();
    SharedMemory(const SharedMemory &) = delete;
    SharedMemory &operator=(const SharedMemory &) = delete;

    std::byte *bytes() const { return bytes_; }
    std::size_t size_bytes() const { return size_bytes_; }

private:
    std::size_t size_bytes_;
    std::byte *bytes_;
};

base::TimeUs now();
// Sleeps while the word is as `wait` says, until `until` at the latest. False: it was that late.
bool sleep_on(const capacity::Wait &wait, base::TimeUs until);
void wake(capacity::FutexWord *word);
void wake(const capacity::Wakes &wakes);

// A small generator (Marsaglia, Xorshift RNGs, 2003).
struct Random {
    std::uint64_t state;
    std::uint32_t below(std::uint32_t limit)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<std::uint32_t>((state >> 20) % limit);
    }
};

inline constexpr std::uint32_t kPlaces = 4;
inline constexpr std::uint32_t kMostTokens = 3;
// Of each place: one at a time and strictly in order; two with a deadline; up to three by the load
// of the balancer, and a short queue; as many as come.
inline constexpr std::array<capacity::Limits, kPlaces> kLimits = {{
    {1, 0, 0, {0}, 6},
    {2, 0, 0, {2000}, 6},
    {3, 1, 4, {0}, 6},
    {0, 0, 0, {0}, 6},
}};

// There are as many tokens of a place as attempts may be under way; each attempt takes one after it
// was let in and gives it back before it ends. Whoever finds none was let in wrongly.
struct Audit {
    std::atomic<std::uint32_t> is_over;
    std::atomic<std::uint32_t> over_the_limit;
    std::atomic<std::uint32_t> out_of_order;
    std::atomic<std::uint32_t> never_woken;
    std::atomic<std::uint32_t> bad_records;
    std::atomic<std::uint64_t> last_ticket;  // let in at place 0
    std::atomic<std::uint64_t> admitted, waited, timed_out, turned_away, left;
    std::atomic<std::uint32_t> stage;  // of two that meet: odd while one has the place
    std::atomic<std::uint32_t> tokens[kPlaces][kMostTokens];  // who has it, 0 nobody

    bool take_token(std::uint32_t place, std::uint32_t who);
    void give_back(std::uint32_t place, std::uint32_t who);
    void forget(std::uint32_t who);  // who was killed
};

// Empty, or what is not as it should be when nobody has anything under way.
std::string what_is_left(const shm::Region &region, const shm::Block &block);

// A region of one balancer with four members, and its auditor.
class World {
    SharedMemory memory_;
    SharedMemory audit_memory_;

public:
    explicit World(const shm::Geometry &geometry);

    shm::Region region;
    shm::Block block;
    Audit &audit;

    const SharedMemory &memory() const { return memory_; }
    std::uint32_t claim(std::uint32_t pid) const;
    void reclaim(std::uint32_t pid) const;
    std::string what_is_left() const { return test::what_is_left(region, block); }
    // Empty, or what the auditor has seen.
    std::string what_went_wrong() const;
};

}  // namespace stickybalancer::test
