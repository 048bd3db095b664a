// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/table_upkeep.hpp"

#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

constexpr apr_interval_time_t kSayEvery = apr_time_from_sec(60);

void say_what_was_lost(const Attached &attached, const Occasion &occasion)
{
    sb_table_losses losses{};
    losses.struct_size = sizeof(losses);
    if (sb_table_losses_to_tell(attached.table, kSayEvery, occasion.now, &losses) != SB_OK)
        return;
    if (losses.evicted != 0)
        log<message::sessions_evicted>(occasion.server, attached.name,
                                       static_cast<int>(losses.evicted));
    if (losses.refused != 0)
        log<message::sessions_refused>(occasion.server, attached.name,
                                       static_cast<int>(losses.refused));
    if (losses.damaged != 0)
        log<message::sessions_damaged>(occasion.server, attached.name,
                                       static_cast<int>(losses.damaged));
}

}  // namespace

void look_after_table(Attached &attached, const Occasion &occasion, int most_steps)
{
    const auto expire_us = table_expire_us(attached.config.options);
    for (int i = 0; i < most_steps; ++i)
        if (sb_table_upkeep(attached.table, expire_us, occasion.now) == 0)
            break;
    say_what_was_lost(attached, occasion);
}

}  // namespace stickybalancer
