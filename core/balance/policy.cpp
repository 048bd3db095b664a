// SPDX-License-Identifier: Apache-2.0
#include "core/balance/policy.hpp"

#include "core/balance/consistent_hash.hpp"
#include "core/balance/least_conn.hpp"
#include "core/balance/least_sessions.hpp"
#include "core/balance/least_time.hpp"
#include "core/balance/random_two.hpp"
#include "core/balance/round_robin.hpp"

namespace stickybalancer::balance {
namespace {

template <typename P>
std::unique_ptr<const Policy> make(const Setup &setup)
{
    return std::make_unique<const P>(setup);
}

constexpr PolicyEntry kPolicies[] = {
    {"roundrobin", &make<RoundRobin>},
    {"leastconn", &make<LeastConn>},
    {"leastsessions", &make<LeastSessions>, false, true},
    {"leasttime", &make<LeastTime>},
    {"random2", &make<RandomTwo>},
    {"hash", &make<ConsistentHash>, true},
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
