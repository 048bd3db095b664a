// SPDX-License-Identifier: Apache-2.0
#include "core/stick_table/table_check.hpp"

#include <vector>

namespace stickybalancer::stick_table {
namespace {

class ShardCheck {
public:
    explicit ShardCheck(const Shard &shard) : shard_(shard), uses_(shard.entry_count()) {}

    std::string result()
    {
        for (std::uint32_t bucket = 0; bucket < shard_.bucket_count(); ++bucket)
            for (const auto &word : shard_.bucket(bucket).words)
                if (const auto *fault = fault_of(bucket, word.acquire()); fault != nullptr)
                    return std::string(fault) + ", bucket " + std::to_string(bucket);
        if (const auto *fault = walk_free(); fault != nullptr)
            return fault;
        for (std::uint32_t index = 0; index < shard_.used_end(); ++index)
            if (uses_[index] == Use::kNone)
                return "entry " + std::to_string(index) + " is neither free nor found";
        return {};
    }

private:
    enum class Use : std::uint8_t { kNone, kFound, kFree };

    const char *fault_of(std::uint32_t bucket, std::uint32_t word)
    {
        if (word == 0)
            return nullptr;
        const auto index = shard_.entry_of(word);
        if (!index || *index >= shard_.used_end())
            return "a word leads to no entry";
        if (uses_[*index] != Use::kNone)
            return "two words lead to one entry";
        uses_[*index] = Use::kFound;
        Session session;
        if (read(shard_.entry(*index), session) != Reading::kWhole)
            return "a word leads to an entry that is not whole";
        const auto [first, second] = shard_.buckets_of(session.key);
        if (Shard::tag_of(session.key) != (word & 0xFFFF0000) ||
            (bucket != first && bucket != second))
            return "a word leads to another key";
        const auto again = shard_.find(session.key);
        return again && again->entry == &shard_.entry(*index) ? nullptr : "a key is there twice";
    }

    const char *walk_free()
    {
        const auto &header = shard_.header();
        std::uint32_t count = shard_.entry_count() - shard_.used_end();
        for (auto number = header.free_head.load(); number != 0;) {
            Session nobody;
            if (number > shard_.used_end() || uses_[number - 1] != Use::kNone)
                return "the list of free entries leads astray";
            uses_[number - 1] = Use::kFree;
            ++count;
            if (read(shard_.entry(number - 1), nobody) != Reading::kFree)
                return "an entry in the list is not free";
            number = static_cast<std::uint32_t>(nobody.key.low);
        }
        if (count != header.free_count.load())
            return "there are not as many free entries as it says";
        return count >= 1 ? nullptr : "no entry is free";
    }

    const Shard shard_;
    std::vector<Use> uses_;
};

}  // namespace

std::string table_check(const StickTable &table)
{
    for (std::uint64_t index = 0; index < table.memory().plan().shard_count; ++index) {
        const auto shard = table.memory().shard(index);
        if (shard.header().is_unchecked.load() != 0)
            continue;
        if (auto fault = ShardCheck(shard).result(); !fault.empty())
            return "shard " + std::to_string(index) + ": " + fault;
    }
    return {};
}

}  // namespace stickybalancer::stick_table
