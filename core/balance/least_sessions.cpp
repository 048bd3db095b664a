// SPDX-License-Identifier: Apache-2.0
#include "core/balance/least_sessions.hpp"

#include <algorithm>
#include <cmath>

namespace stickybalancer::balance {
namespace {

// What is left after so long; nothing is gained by a clock that was stepped back.
double rest_after(base::DurationUs passed) noexcept
{
    return std::exp(-static_cast<double>(std::max<std::int64_t>(0, passed.us)) /
                    static_cast<double>(LeastSessions::kMeanLife.us));
}

void decay(shm::MemberLoad &load, base::TimeUs now) noexcept
{
    auto decayed_us = load.decayed_us.load();
    if (decayed_us == now.us || !load.decayed_us.compare_exchange(decayed_us, now.us))
        return;
    const auto sessions = load.sessions.load();
    const auto left =
        decayed_us == 0
            ? sessions
            : static_cast<std::uint32_t>(sessions * rest_after(now - base::TimeUs{decayed_us}));
    load.sessions.fetch_add(left - sessions);  // what is placed meanwhile stays
}

}  // namespace

void LeastSessions::begun(Place place, bool places_session, base::TimeUs now) const noexcept
{
    if (!places_session)
        return;
    auto &sessions = candidates()[place].load->sessions;
    if (sessions.load() < 0xFFFF'0000)  // room for all who add at this instant
        sessions.fetch_add(kUnit);
    follow(place, now);
}

void LeastSessions::refresh(base::TimeUs now) const noexcept
{
    for (const auto &candidate : candidates())
        decay(*candidate.load, now);
}

}  // namespace stickybalancer::balance
