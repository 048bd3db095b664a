// SPDX-License-Identifier: Apache-2.0
//
// The sessions of a table, some at a time, in the order in which the index has them: without a lock, and without
// anything that is kept from one page to the next.
//
//   position   0 ...................... words of the table | ... words of the earlier one
//              shard 0: bucket 0 [16 words] bucket 1 ...   | which it was made from, while it is there
//
// A session has one word for as long as it is there, so whoever reads page after page sees each that was there from
// the first page to the last exactly once; one that is learned or forgotten meanwhile at most once, or twice where it
// was forgotten and learned again. One that goes over from the earlier table meanwhile may be missed. A table that was
// made anew, such as one of another size, begins from 0: what is beyond its end is the end.
//
// Cost of a page: what it shows, a line of memory each; and at most a million words, some milliseconds, where a large
// table is nearly empty: such a page may show fewer than were asked for, or none, and not be the last.
//
// Thread safety: any thread; sessions may change while they are read.
#pragma once

#include <cstdint>

#include "core/stick_table/table_pair.hpp"

namespace stickybalancer::stick_table {

class TablePage {
public:
    TablePage(const TablePair &tables, base::DurationUs expire, base::TimeUs now) noexcept
        : tables_(tables), expire_(expire), now_(now)
    {
    }

    // add(session) for at most `most` that have not expired. Where the next page begins; 0: there is none.
    template <typename Add>
    std::uint64_t read(std::uint64_t from, std::uint32_t most, const Add &add)
    {
        left_ = most;
        const auto &table = tables_.table();
        auto at = read_table(
            table, from, [](const Session &) { return false; }, add);
        const auto end = words_of(table);
        if (const auto *earlier = tables_.earlier(); at >= end && earlier != nullptr)
            at = end + read_table(
                           *earlier, at - end,
                           [&](const Session &session) {
                               return table.find(session.key, expire_, now_).has_value();
                           },
                           add);
        return at < end + words_of(tables_.earlier()) ? at : 0;
    }

private:
    static constexpr std::int64_t kMostWords = 1 << 20;
    static constexpr std::int64_t kWordsOfMiss = 64;  // that cost as much as one line of memory

    static std::uint64_t words_of_shard(const StickTable &table) noexcept
    {
        return std::uint64_t{table.memory().plan().buckets} * kWordsOfBucket;
    }
    static std::uint64_t words_of(const StickTable &table) noexcept
    {
        return table.memory().plan().shard_count * words_of_shard(table);
    }
    static std::uint64_t words_of(const StickTable *table) noexcept
    {
        return table != nullptr ? words_of(*table) : 0;
    }

    // The position where it has stopped: at the end, or where the page is full.
    template <typename IsElsewhere, typename Add>
    std::uint64_t read_table(const StickTable &table, std::uint64_t from,
                             const IsElsewhere &is_elsewhere, const Add &add)
    {
        const auto words = words_of_shard(table);
        auto at = from;
        while (at < words_of(table) && left_ != 0 && words_left_ > 0) {
            const auto shard = table.memory().shard(at / words);
            if (shard.session_count() == 0) {
                words_left_ -= kWordsOfMiss;
                at = (at / words + 1) * words;
                continue;
            }
            const auto bucket = static_cast<std::uint32_t>(at % words / kWordsOfBucket);
            const auto session = shard.session_at(shard.bucket(bucket).words[at % kWordsOfBucket]);
            words_left_ -= session ? kWordsOfMiss : 1;
            ++at;
            if (!session || is_expired(*session, expire_, now_) || is_elsewhere(*session))
                continue;
            add(*session);
            --left_;
        }
        return at;
    }

    const TablePair &tables_;
    base::DurationUs expire_;
    base::TimeUs now_;
    std::uint32_t left_ = 0;
    std::int64_t words_left_ = kMostWords;
};

}  // namespace stickybalancer::stick_table
