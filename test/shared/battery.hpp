// SPDX-License-Identifier: Apache-2.0
//
// What a thread of a server does to the region, again and again, whatever world it is in: it asks
// for members, waits, gives up, is let in and ends, and now and then an operator changes a record.
#pragma once

#include "test/shared/world.hpp"

namespace stickybalancer::test {

struct Worker {
    const World &world;
    std::uint32_t process;  // its slot
    std::uint32_t who;      // in the auditor's books; not 0
    std::uint64_t seed;
    // False: it sleeps until it is woken, or its deadline is over, so that a wake-up that is lost
    // is noticed. True: it looks again when it is told to, because who should wake it may be
    // killed.
    bool looks_again;
};

// `rounds` times, or until the audit is over.
void work(const Worker &worker, std::uint32_t rounds);

// Two workers at one place, `rounds` times: one has it and ends at about the moment when the other
// asks for it. Nothing else happens that could wake the other.
void end_as_another_comes(const Worker &worker, std::uint32_t rounds);
void come_as_another_ends(const Worker &worker, std::uint32_t rounds);

// A record that workers write.
shm::MemberRecord record_number(std::uint32_t number);
// Whether the record that workers write is one of those that they write.
bool is_whole(const shm::MemberRecord &record);
inline constexpr std::uint32_t kRecordPlace = 5;

}  // namespace stickybalancer::test
