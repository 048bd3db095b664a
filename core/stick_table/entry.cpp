// SPDX-License-Identifier: Apache-2.0
#include "core/stick_table/entry.hpp"

#include <algorithm>

namespace stickybalancer::stick_table {
namespace {

// A change of any one bit spreads before the next word comes in, so that no two of them cancel each other out.
constexpr std::uint64_t mixed(std::uint64_t mix, std::uint64_t word) noexcept
{
    mix = (mix ^ word) * 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
    return mix ^ (mix >> 32);
}

// Not against an adversary: whoever can write to the table can write this, too.
std::uint32_t check_of(const Session &session) noexcept
{
    auto mix = mixed(0, session.key.high);
    mix = mixed(mix, session.key.low);
    mix = mixed(mix, session.member);
    mix = mixed(mix, static_cast<std::uint64_t>(session.learned_us));
    return static_cast<std::uint32_t>(mixed(mix, static_cast<std::uint64_t>(session.origin)));
}

// Odd from here to end(): what follows is stored behind it.
std::uint32_t begin(Entry &entry) noexcept
{
    const auto odd = entry.seq.acquire() | 1;
    entry.seq.publish(odd);
    return odd;
}

void end(Entry &entry, std::uint32_t odd) noexcept { entry.seq.publish(odd + 1); }

}  // namespace

Reading read(const Entry &entry, Session &out) noexcept
{
    const auto seq = entry.seq.acquire();
    if ((seq & 1) != 0)
        return Reading::kChanging;
    out.key = {entry.key_high.acquire(), entry.key_low.acquire()};
    out.member = entry.member.acquire();
    out.learned_us = entry.learned_us.acquire();
    out.origin = static_cast<Origin>(entry.origin.acquire());
    const auto check = entry.check.acquire();
    out.requests = entry.requests.load();
    // A time before 1970 is damage, which no check covers, and too far from now to reckon with.
    out.used_us = std::max<std::int64_t>(0, entry.used_us.load());
    // Each value was read by an acquire: this read comes after all of them.
    if (entry.seq.acquire() != seq)
        return Reading::kChanging;
    if (out.member == 0)
        return Reading::kFree;
    return check == check_of(out) ? Reading::kWhole : Reading::kDamaged;
}

void write(Entry &entry, const Session &session) noexcept
{
    const auto odd = begin(entry);
    // Each is a release: whoever sees one of them sees the odd number.
    entry.key_high.publish(session.key.high);
    entry.key_low.publish(session.key.low);
    entry.member.publish(session.member);
    entry.learned_us.publish(session.learned_us);
    entry.origin.publish(static_cast<std::uint32_t>(session.origin));
    entry.check.publish(check_of(session));
    entry.requests.store(session.requests);
    entry.used_us.store(session.used_us);
    end(entry, odd);
}

void clear(Entry &entry, std::uint32_t next_free) noexcept
{
    const auto odd = begin(entry);
    entry.member.publish(0);
    entry.key_low.publish(next_free);
    end(entry, odd);
}

}  // namespace stickybalancer::stick_table
