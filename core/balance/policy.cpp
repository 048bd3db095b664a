// SPDX-License-Identifier: Apache-2.0
#include "core/balance/policy.hpp"

#include "core/balance/round_robin.hpp"

namespace stickybalancer::balance {
namespace {

template <typename P>
std::unique_ptr<const Policy> make(std::span<const std::uint32_t> weights)
{
    return std::make_unique<const P>(weights);
}

constexpr PolicyEntry kPolicies[] = {
    {"roundrobin", &make<RoundRobin>},
};

}  // namespace

std::span<const PolicyEntry> policies() noexcept { return kPolicies; }

const PolicyEntry *find_policy(std::string_view name) noexcept
{
    for (const auto &entry : kPolicies)
        if (entry.name == name)
            return &entry;
    return nullptr;
}

}  // namespace stickybalancer::balance
