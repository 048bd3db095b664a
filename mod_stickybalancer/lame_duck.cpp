// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/lame_duck.hpp"

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {
namespace {

// Every balancer has it, whoever's it is.
sb_region *find_region()
{
    for (const auto *s = ap_server_conf; s != nullptr; s = s->next)
        if (const auto *list = config_of(s).attached; list != nullptr && list->nelts > 0)
            return APR_ARRAY_IDX(list, 0, Attached *)->region;
    return nullptr;
}

}  // namespace

apr_time_t lame_duck_until()
{
    const auto *region = find_region();
    return region != nullptr ? sb_region_lame_duck(region) : 0;
}

bool set_lame_duck(apr_time_t until)
{
    auto *region = find_region();
    if (region != nullptr)
        sb_region_set_lame_duck(region, until);
    return region != nullptr;
}

}  // namespace stickybalancer
