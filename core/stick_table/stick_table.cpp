// SPDX-License-Identifier: Apache-2.0
#include "core/stick_table/stick_table.hpp"

#include <algorithm>

namespace stickybalancer::stick_table {
namespace {

// How long upkeep() takes for the whole table, in calls; and the least that it does in one.
constexpr std::uint64_t kCallsForAll = 60;
constexpr std::uint64_t kFewestEntries = 4096;
constexpr std::uint32_t kEntriesUnderLock = 1024;
constexpr int kShardsToRepair = 8;  // in one call, some milliseconds each

void note_use(const Shard::Found &found, const Limits &limits, base::TimeUs now) noexcept
{
    if (is_use_news(found.session, limits, now))
        found.entry->used_us.store(now.us);
}

// By the index, where a session stays in one place: its entry may change while we go through them.
void carry_shard(const Shard &shard, const StickTable &into, const Limits &limits, base::TimeUs now,
                 CarriedOver &result) noexcept
{
    for (std::uint32_t bucket = 0; bucket < shard.bucket_count(); ++bucket) {
        shard.prefetch_entries((bucket + 1) % shard.bucket_count());
        for (const auto &word : shard.bucket(bucket).words) {
            const auto session = shard.session_at(word);
            if (!session || is_expired(*session, limits.expire, now))
                continue;
            const bool is_moved = into.take_over(*session, limits, now) == Learned::kLearned;
            ++(is_moved ? result.moved : result.left_out);
        }
    }
}

}  // namespace

Shard StickTable::shard_of(const Key &key) const noexcept
{
    return memory_.shard(((key.high >> 32) * memory_.plan().shard_count) >> 32);
}

std::optional<Session> StickTable::find(const Key &key, base::DurationUs expire,
                                        base::TimeUs now) const noexcept
{
    const auto found = shard_of(key).find(key);
    if (!found || is_expired(found->session, expire, now))
        return std::nullopt;
    return found->session;
}

Learned StickTable::learn(const Key &key, std::uint64_t member, Origin origin, const Limits &limits,
                          base::TimeUs now) const noexcept
{
    const auto shard = shard_of(key);
    if (const auto found = shard.find(key);
        found && !is_expired(found->session, limits.expire, now) &&
        found->session.member == member && found->session.origin >= origin) {
        found->entry->requests.fetch_add(1);
        note_use(*found, limits, now);
        return Learned::kKnown;
    }
    return shard.learn({key, member, origin, 1, now.us, now.us}, limits, now);
}

bool StickTable::keep(const Key &key, const Limits &limits, base::TimeUs now) const noexcept
{
    const auto found = shard_of(key).find(key);
    if (!found || is_expired(found->session, limits.expire, now))
        return false;
    // The first time at once: it is no more one that was seen once, which makes room for others of those.
    if (found->session.used_us == found->session.learned_us)
        found->entry->used_us.store(now.us);
    note_use(*found, limits, now);
    return true;
}

bool StickTable::forget(const Key &key) const noexcept
{
    const auto shard = shard_of(key);
    return shard.find(key) && shard.forget(key);
}

Learned StickTable::take_over(const Session &session, const Limits &limits,
                              base::TimeUs now) const noexcept
{
    return shard_of(session.key).learn(session, limits, now);
}

bool StickTable::upkeep(base::DurationUs expire, base::TimeUs now) const noexcept
{
    const auto &plan = memory_.plan();
    int repaired = 0;
    for (std::uint64_t index = 0; index < plan.shard_count; ++index) {
        const auto shard = memory_.shard(index);
        if (shard.header().is_unchecked.load() == 0)
            continue;
        if (repaired++ == kShardsToRepair)
            return true;
        shard.repair_if_unchecked();
    }
    const auto all = plan.shard_count * plan.entries;
    auto left = std::min(all, std::max(kFewestEntries, all / kCallsForAll));
    auto position = memory_.duties().upkeep_position.load() % all;
    while (left > 0) {
        const auto first = static_cast<std::uint32_t>(position % plan.entries);
        const auto count = static_cast<std::uint32_t>(std::min(
            {left, std::uint64_t{kEntriesUnderLock}, std::uint64_t{plan.entries - first}}));
        memory_.shard(position / plan.entries).expire(first, count, expire, now);
        position = (position + count) % all;
        left -= count;
    }
    memory_.duties().upkeep_position.store(position);
    return false;
}

std::optional<Losses> StickTable::losses_to_tell(base::DurationUs at_most_every,
                                                 base::TimeUs now) const noexcept
{
    auto &duties = memory_.duties();
    auto told_us = duties.told_us.load();
    if (now.us >= told_us && now.us - told_us < at_most_every.us)
        return std::nullopt;
    const auto sum = numbers();
    const Losses losses{sum.evicted - duties.told_evicted.load(),
                        sum.refused - duties.told_refused.load(),
                        sum.damaged - duties.told_damaged.load()};
    if ((losses.evicted | losses.refused | losses.damaged) == 0 ||
        !duties.told_us.compare_exchange(told_us, now.us))
        return std::nullopt;
    duties.told_evicted.store(sum.evicted);
    duties.told_refused.store(sum.refused);
    duties.told_damaged.store(sum.damaged);
    return losses;
}

Numbers StickTable::numbers() const noexcept
{
    Numbers sum;
    for (std::uint64_t index = 0; index < memory_.plan().shard_count; ++index) {
        const auto shard = memory_.shard(index);
        const auto &header = shard.header();
        sum.sessions += shard.session_count();
        sum.learned += header.learned.load();
        sum.evicted += header.evicted.load();
        sum.refused += header.refused.load();
        sum.expired += header.expired.load();
        sum.damaged += header.damaged.load();
    }
    return sum;
}

CarriedOver carry_over(const StickTable &earlier, StickTable &table, base::DurationUs expire,
                       base::TimeUs now) noexcept
{
    table = StickTable(table.memory().with_secret(earlier.memory().secret()));
    CarriedOver result;
    for (std::uint64_t index = 0; index < earlier.memory().plan().shard_count; ++index) {
        const auto shard = earlier.memory().shard(index);
        shard.repair_if_unchecked();
        carry_shard(shard, table, {expire, false}, now, result);
    }
    const auto evicted = table.numbers().evicted;
    result.moved -= std::min(evicted, result.moved);
    result.left_out += evicted;
    return result;
}

}  // namespace stickybalancer::stick_table
