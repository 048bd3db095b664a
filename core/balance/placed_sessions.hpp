// SPDX-License-Identifier: Apache-2.0
//
// How many sessions a member has, over all processes, in MemberLoad::sessions. Nobody says when a
// session ends. So clients are counted when they are placed, and forgotten at a constant rate, with a
// mean life of 30 minutes (a count that decays exponentially: G. Cormode, V. Shkapenyuk, D. Srivastava,
// B. Xu, Forward Decay, ICDE 2009): the count is about that of the new clients of the last half hour.
//
//   10 clients are placed     10
//   30 minutes later          10 / e = 3.7
//   one a minute, for ever    30
//
// The count is in units of 1 / kSession of a session. What has decayed since MemberLoad::decayed_us is
// taken off by whoever moves that stamp on, and by nobody else; at most once in kDecayEvery, as
// each time it is rounded down: so the count comes to 0 in the end, and is 3 % too low at
// most before.
//
// A member is full while its count rounds to its limit or more. A session is counted by a
// compare-exchange against the limit, so none is ever placed at a member that is full, whatever
// processes do at one instant.
//
// Thread safety: any thread of any process. Cost: a client that is placed writes the member's
// MemberLoad, which its attempt writes anyway.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/shm/layout.hpp"

namespace stickybalancer::balance {

inline constexpr std::uint32_t kSession = 1024;
inline constexpr base::DurationUs kMeanLife{30 * 60 * 1'000'000LL};
inline constexpr base::DurationUs kDecayEvery{30 * 1'000'000LL};
// The count ends here, at 4 million sessions, with room for all who add at this instant. No limit may
// be above kMostSessions.
inline constexpr std::uint32_t kMostUnits = 0xFFFF'0000;
inline constexpr std::uint32_t kMostSessions = 4'000'000;

// `most`: the member's limit, in sessions; 0: none.
inline bool is_full(std::uint32_t units, std::uint32_t most) noexcept
{
    return most != 0 && units + std::uint64_t{kSession} / 2 >= std::uint64_t{most} * kSession;
}
inline bool is_full(const shm::MemberLoad &load, std::uint32_t most) noexcept
{
    return most != 0 && is_full(load.sessions.load(), most);
}

// One more. False: the member is full, and it is not counted.
bool add_session(shm::MemberLoad &load, std::uint32_t most) noexcept;
// It was not placed after all.
void take_session_back(shm::MemberLoad &load) noexcept;
void decay_sessions(shm::MemberLoad &load, base::TimeUs now) noexcept;

}  // namespace stickybalancer::balance
