// SPDX-License-Identifier: Apache-2.0
#include "test/unit/support/members.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace stickybalancer::test {

std::uint64_t handle_of(std::string_view name)
{
    if (name.empty() || name.size() > 8)
        throw std::invalid_argument("a member's name has one to eight letters");
    std::uint64_t handle = 0;
    for (const char c : name)
        handle = handle << 8 | static_cast<unsigned char>(c);
    return handle;
}

std::string name_of(std::uint64_t handle)
{
    std::string name;
    for (; handle != 0; handle >>= 8)
        name.insert(name.begin(), static_cast<char>(handle & 0xFF));
    return name;
}

Members &Members::add(std::string_view name, const Plan &plan)
{
    auto &added = entries_.emplace_back();
    added.name = name;
    added.plan = plan;
    if (auto &route = entries_.back().plan.route; route == Plan{}.route)
        route = name;
    return *this;
}

Members &Members::remove_all()
{
    entries_.clear();
    return *this;
}

Members &Members::fail(std::string_view name, std::int64_t failed_at_s, std::int64_t retry_s)
{
    entry(name).failed_at_us = failed_at_s * kSecond;
    entry(name).retry_us = retry_s * kSecond;
    return with_bit(name, kBits.error);
}

Members &Members::drain_since(std::string_view name, std::int64_t ago_s)
{
    entry(name).draining_since_us.store((kNow_s - ago_s) * kSecond);
    return drain(name);
}

Members &Members::with_bit(std::string_view name, std::uint32_t bit)
{
    entry(name).state |= bit;
    return *this;
}

Members &Members::with_state(std::string_view name, std::uint32_t state)
{
    entry(name).state = state;
    return *this;
}

members::MemberTable Members::table() const
{
    std::vector<members::Member> copies;
    for (const auto &e : entries_) {
        members::Member copy;
        copy.handle = handle_of(e.name);
        copy.route = e.plan.route;
        copy.redirect = e.plan.redirect;
        copy.weight = e.plan.weight;
        copy.set = e.plan.set;
        copy.live = members::LiveState(&e.state, &e.failed_at_us, &e.retry_us);
        copy.slow_start = members::SlowStart(&e.started_us, {e.plan.slow_start_s * kSecond});
        copy.failback = e.plan.failback;
        copy.failback_idle_s = e.plan.failback_idle_s;
        copy.drain = members::Drain(&e.draining_since_us, {e.plan.drain_deadline_s * kSecond},
                                    e.plan.drain_idle_s);
        copy.binds_clients = e.plan.binds_clients;
        copy.max_sessions = e.plan.max_sessions;
        copy.identity = e.plan.identity;
        copy.leaf = static_cast<std::uint32_t>(copies.size());
        copy.load = &e.load;
        copies.push_back(std::move(copy));
    }
    return {std::move(copies), kBits};
}

Members &Members::start(std::string_view name, std::int64_t started_s)
{
    entry(name).started_us = started_s * kSecond;
    return *this;
}

std::uint32_t Members::active() const
{
    std::uint32_t sum = 0;
    for (const auto &e : entries_)
        sum += e.load.active.load();
    return sum;
}

Members::Entry &Members::entry(std::string_view name)
{
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry &e) { return e.name == name; });
    if (found == entries_.end())
        throw std::invalid_argument("no member is named " + std::string(name));
    return *found;
}

}  // namespace stickybalancer::test
