// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/table_upkeep.hpp"

#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

constexpr apr_interval_time_t kSayEvery = apr_time_from_sec(60);

struct Losses {
    std::uint64_t counts[kTableLossCount];  // evicted, refused, damaged
};

bool count_losses(const Attached &attached, Losses &losses)
{
    sb_table_numbers numbers{};
    numbers.struct_size = sizeof(numbers);
    if (sb_table_count(attached.table, &numbers) != SB_OK)
        return false;
    losses = {{numbers.evicted, numbers.refused, numbers.damaged}};
    return true;
}

// The first of all processes in this minute.
bool is_first_to_say(const Attached &attached, apr_time_t now)
{
    constexpr std::uint64_t kTableFact = std::uint64_t{'T'} << 56;
    const auto minute = static_cast<std::uint64_t>(now / kSayEvery);
    return sb_balancer_is_news(attached.core, kTableFact | minute) != 0;
}

void say(const Attached &attached, const Occasion &occasion, const int (&more)[kTableLossCount])
{
    if (more[0] != 0)
        log<message::sessions_evicted>(occasion.server, attached.name, more[0]);
    if (more[1] != 0)
        log<message::sessions_refused>(occasion.server, attached.name, more[1]);
    if (more[2] != 0)
        log<message::sessions_damaged>(occasion.server, attached.name, more[2]);
}

void say_what_was_lost(Attached &attached, const Occasion &occasion)
{
    Losses losses;
    if (occasion.now - attached.losses_said_at.load() < kSayEvery ||
        !count_losses(attached, losses))
        return;
    int more[kTableLossCount];
    bool is_any = false;
    for (int i = 0; i < kTableLossCount; ++i) {
        more[i] = static_cast<int>(losses.counts[i] - attached.known_losses[i].load());
        is_any |= more[i] != 0;
        attached.known_losses[i] = losses.counts[i];
    }
    if (!is_any)
        return;
    attached.losses_said_at = occasion.now;
    if (is_first_to_say(attached, occasion.now))
        say(attached, occasion, more);
}

}  // namespace

void begin_table_upkeep(Attached &attached)
{
    Losses losses;
    if (count_losses(attached, losses))
        for (int i = 0; i < kTableLossCount; ++i)
            attached.known_losses[i] = losses.counts[i];
}

void look_after_table(Attached &attached, const Occasion &occasion, int most_steps)
{
    const auto expire_us = table_expire_us(attached.config.options);
    for (int i = 0; i < most_steps; ++i)
        if (sb_table_upkeep(attached.table, expire_us, occasion.now) == 0)
            break;
    say_what_was_lost(attached, occasion);
}

}  // namespace stickybalancer
