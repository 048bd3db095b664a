// SPDX-License-Identifier: Apache-2.0
#include "core/balance/placed_sessions.hpp"

#include <algorithm>
#include <cmath>

namespace stickybalancer::balance {
namespace {

// Others that come between are as many as place clients here at one instant.
constexpr int kMostTries = 256;

double rest_after(std::int64_t passed_us) noexcept
{
    return std::exp(-static_cast<double>(passed_us) / static_cast<double>(kMeanLife.us));
}

// What is placed meanwhile stays, and what is taken off meanwhile is not taken off twice.
void take_off(shm::MemberLoad &load, std::uint32_t units) noexcept
{
    auto present = load.sessions.load();
    for (int i = 0; i < kMostTries; ++i)
        if (load.sessions.ordered_compare_exchange(present, present - std::min(present, units)))
            return;
}

}  // namespace

bool add_session(shm::MemberLoad &load, std::uint32_t most) noexcept
{
    auto units = load.sessions.load();
    if (units >= kMostUnits)
        return most == 0;
    if (most == 0) {
        load.sessions.ordered_fetch_add(kSession);
        return true;
    }
    for (int i = 0; i < kMostTries && !is_full(units, most); ++i)
        if (load.sessions.ordered_compare_exchange(units, units + kSession))
            return true;
    return false;
}

void take_session_back(shm::MemberLoad &load) noexcept { take_off(load, kSession); }

void decay_sessions(shm::MemberLoad &load, base::TimeUs now) noexcept
{
    auto stamp_us = load.decayed_us.load();  // a damaged file may say anything
    const bool is_known = stamp_us > 0 && stamp_us <= now.us;
    if (is_known && now.us - stamp_us < kDecayEvery.us)
        return;
    if (!load.decayed_us.compare_exchange(stamp_us, now.us) || !is_known)
        return;
    const auto units = load.sessions.load();
    take_off(load, units - static_cast<std::uint32_t>(units * rest_after(now.us - stamp_us)));
}

}  // namespace stickybalancer::balance
