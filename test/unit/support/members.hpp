// SPDX-License-Identifier: Apache-2.0
//
// Members by name, in states that a test sets with one word. A member's name has at most eight
// letters: its handle is made of them, so that a handle reads as the name again. Its route is its
// name unless said otherwise.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "core/members/member_table.hpp"

namespace stickybalancer::test {

inline constexpr members::StateBits kBits{.required = 0x001,
                                          .stopped = 0x006,
                                          .error = 0x008,
                                          .ignore_errors = 0x010,
                                          .drain = 0x020,
                                          .standby = 0x040,
                                          .spare = 0x080,
                                          .check_failed = 0x100};
inline constexpr std::uint32_t kUp = 0x001;
inline constexpr std::uint32_t kStoppedBit = 0x002;
inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kNow_s =
    1'700'000'000;  // what time it is unless a test says otherwise

std::uint64_t handle_of(std::string_view name);
std::string name_of(std::uint64_t handle);

struct Plan {
    std::uint32_t weight = 1;
    std::uint32_t set = 0;
    std::string redirect = {};
    std::string route = "(its name)";
    std::int64_t slow_start_s = 0;
    members::Failback failback = members::Failback::kNever;
    std::int64_t failback_idle_s = 0;
    bool binds_clients = true;
    std::uint32_t max_sessions = 0;
    std::uint64_t identity = 0;
    std::int64_t drain_deadline_s = 0;
    std::int64_t drain_idle_s = 0;
};

class Members {
public:
    Members &add(std::string_view name, const Plan &plan = {});
    Members &remove_all();

    Members &up(std::string_view name) { return with_state(name, kUp); }
    Members &stop(std::string_view name) { return with_bit(name, kStoppedBit); }
    Members &drain(std::string_view name) { return with_bit(name, kBits.drain); }
    // So long ago, noted.
    Members &drain_since(std::string_view name, std::int64_t ago_s);
    Members &fail_check(std::string_view name) { return with_bit(name, kBits.check_failed); }
    Members &standby(std::string_view name) { return with_bit(name, kBits.standby); }
    Members &spare(std::string_view name) { return with_bit(name, kBits.spare); }
    // Failed one second ago, to be left alone for a minute.
    Members &fail(std::string_view name) { return fail(name, kNow_s - 1, 60); }
    Members &fail(std::string_view name, std::int64_t failed_at_s, std::int64_t retry_s);
    Members &with_bit(std::string_view name, std::uint32_t bit);
    Members &with_state(std::string_view name, std::uint32_t state);
    // Came back at this time; its slow start begins.
    Members &start(std::string_view name, std::int64_t started_s);

    shm::MemberLoad &load(std::string_view name) { return entry(name).load; }
    std::uint32_t active() const;  // of all of them

    members::MemberTable table() const;

private:
    struct Entry {
        std::string name;
        Plan plan;
        std::uint32_t state = kUp;
        std::int64_t failed_at_us = 0;
        std::int64_t retry_us = 0;
        std::int64_t started_us = 0;
        mutable base::Relaxed<std::int64_t> draining_since_us{};
        mutable shm::MemberLoad load{};
    };
    Entry &entry(std::string_view name);

    std::deque<Entry> entries_;  // addresses stay as members are added
};

}  // namespace stickybalancer::test
