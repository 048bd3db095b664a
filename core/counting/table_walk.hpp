// SPDX-License-Identifier: Apache-2.0
//
// How many sessions of a table are at each member: the whole table is looked at, by the index, without a lock. What
// one walk has found is remembered until 20 times its cost has passed, so that whoever asks all the time gets a 20th
// of one processor at most. The cost is reckoned from what was looked at, as nothing here has a clock.
//
//   37 sessions            remembered for microseconds
//   100,000 of 100,000     2.5 ms for a walk, remembered for 60 ms
//   1 million              27 ms, remembered for 0.6 s
//
// Thread safety: walk() by any thread; the outcome is immutable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/stick_table/table_pair.hpp"

namespace stickybalancer::counting {

struct SessionsOfMember {
    std::uint64_t count = 0;
    std::int64_t last_used_us = 0;  // of the one that expires last
};

class TableWalk {
public:
    // place_of(identity): where the member is, less than place_count; else it is nobody's.
    template <typename PlaceOf>
    TableWalk(const stick_table::TablePair &tables, base::DurationUs expire, base::TimeUs now,
              std::uint32_t place_count, const PlaceOf &place_of)
        : members_(place_count), began_(now)
    {
        const auto add = [&](const stick_table::Session &session) {
            if (const auto place = place_of(session.member); place < members_.size())
                add_to(members_[place], session);
        };
        walk(tables.table(), expire, now, add);
        // What has gone over is there, too.
        if (const auto *earlier = tables.earlier(); earlier != nullptr)
            walk(*earlier, expire, now, [&](const stick_table::Session &session) {
                if (!tables.table().find(session.key, expire, now))
                    add(session);
            });
    }

    bool is_fresh(base::TimeUs now) const noexcept
    {
        return is_within(now, kRest * cost_ns() / 1000);
    }
    // Good enough for whoever would have to wait for a newer one.
    bool is_recent(base::TimeUs now) const noexcept
    {
        return is_within(now, 2 * kRest * cost_ns() / 1000 + 1'000'000);
    }
    const SessionsOfMember &at(std::uint32_t place) const noexcept { return members_[place]; }

private:
    bool is_within(base::TimeUs now, std::int64_t most_us) const noexcept
    {
        return now >= began_ && now.us - began_.us <= most_us;
    }

    static constexpr std::int64_t kRest = 20;
    // Measured (sb_count_bench): 22 to 28 ns for a session and its word, of 1000 sessions as of 4 million, whether or
    // not the processor's memory still has them; and a little more, for machines that are slower.
    static constexpr std::int64_t kWord_ns = 1, kSession_ns = 30, kMember_ns = 5;

    std::int64_t cost_ns() const noexcept
    {
        return words_ * kWord_ns + sessions_ * kSession_ns +
               static_cast<std::int64_t>(members_.size()) * kMember_ns;
    }

    static void add_to(SessionsOfMember &member, const stick_table::Session &session) noexcept
    {
        ++member.count;
        member.last_used_us = std::max(member.last_used_us, session.used_us);
    }

    // By the index, where a session stays in one place: its entry may change while we go through them.
    template <typename Add>
    void walk(const stick_table::StickTable &table, base::DurationUs expire, base::TimeUs now,
              const Add &add)
    {
        for (std::uint64_t index = 0; index < table.memory().plan().shard_count; ++index) {
            const auto shard = table.memory().shard(index);
            if (shard.session_count() == 0)
                continue;
            words_ += std::int64_t{shard.bucket_count()} * stick_table::kWordsOfBucket;
            for (std::uint32_t bucket = 0; bucket < shard.bucket_count(); ++bucket) {
                shard.prefetch_entries((bucket + 1) % shard.bucket_count());
                for (const auto &word : shard.bucket(bucket).words)
                    if (const auto session = shard.session_at(word); session) {
                        ++sessions_;
                        if (!stick_table::is_expired(*session, expire, now))
                            add(*session);
                    }
            }
        }
    }

    std::vector<SessionsOfMember> members_;  // by place
    base::TimeUs began_;
    std::int64_t words_ = 0, sessions_ = 0;  // that were looked at
};

}  // namespace stickybalancer::counting
