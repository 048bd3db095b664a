// SPDX-License-Identifier: Apache-2.0
//
// A session table in memory of exactly its size, with sessions that say themselves where they belong.
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/stick_table/stick_table.hpp"
#include "test/shared/world.hpp"

namespace stickybalancer::test {

class TableFile {
public:
    explicit TableFile(std::uint64_t session_count)
        : TableFile(Memory(stick_table::Plan(session_count).size_bytes))
    {
        BOOST_TEST_REQUIRE((stick_table::format(bytes(), size_bytes(), session_count, kOwner,
                                                {3, 5}) == stick_table::TableFault::kNone));
    }
    // Another's bytes, as many as there are; zero behind them.
    TableFile(const TableFile &other, std::size_t size) : TableFile(Memory(size))
    {
        std::memcpy(bytes(), other.bytes(), std::min(size, other.size_bytes()));
    }

    std::byte *bytes() const { return memory_.bytes.get(); }
    std::size_t size_bytes() const { return memory_.size_bytes; }
    stick_table::AttachedTable attach() const
    {
        return stick_table::attach(bytes(), size_bytes(), kOwner);
    }
    stick_table::Plan plan() const { return attach().memory.plan(); }
    stick_table::StickTable table() const { return stick_table::StickTable(attach().memory); }
    // After a restart, until everything was looked at.
    void upkeep_all() const
    {
        while (table().upkeep(kWait.expire, kNow)) {
        }
        constexpr std::uint64_t kEntriesOfCall = 4096;
        for (std::uint64_t entries = 0; entries < plan().shard_count * plan().entries;
             entries += kEntriesOfCall)
            table().upkeep(kWait.expire, kNow);
    }

    stick_table::Key key(int number) const
    {
        return table().key_of(0, "key " + std::to_string(number));
    }
    static std::uint64_t member_of(int number)
    {
        return 0x9E3779B97F4A7C15 * (static_cast<std::uint64_t>(number) + 1);
    }
    void learn(int first, int end, std::uint64_t moved = 0) const
    {
        const auto table = this->table();
        for (int number = first; number < end; ++number)
            BOOST_TEST_REQUIRE((table.learn(key(number), member_of(number) ^ moved,
                                            stick_table::Origin::kApplication, kWait,
                                            kNow) <= stick_table::Learned::kKnown));
    }
    void forget(int first, int end) const
    {
        for (int number = first; number < end; ++number)
            table().forget(key(number));
    }
    // To another member.
    void move(int first, int end) const { learn(first, end, 1); }
    // Those that are not there. Those that are have their own members, or those that they moved to.
    std::set<int> check_found(int first, int end) const
    {
        std::set<int> missing;
        const auto table = this->table();
        for (int number = first; number < end; ++number) {
            const auto found = table.find(key(number), kWait.expire, kNow);
            if (!found)
                missing.insert(number);
            else
                BOOST_TEST_REQUIRE((found->member | 1) == (member_of(number) | 1));
        }
        return missing;
    }
    // The number of its entry, over all shards.
    std::size_t entry_of(int number) const
    {
        const auto memory = attach().memory;
        for (std::uint64_t index = 0; index < memory.plan().shard_count; ++index)
            if (const auto shard = memory.shard(index); const auto found = shard.find(key(number)))
                return index * memory.plan().entries +
                       static_cast<std::size_t>(found->entry - &shard.entry(0));
        throw std::logic_error("no such session");
    }

private:
    static constexpr shm::Identity kOwner{7, 11};
    static constexpr stick_table::Limits kWait{{1'800'000'000}, false};
    static constexpr base::TimeUs kNow{1'700'000'000'000'000};

    struct Memory {
        std::size_t size_bytes;
        std::unique_ptr<std::byte, void (*)(std::byte *)> bytes;

        explicit Memory(std::size_t size)
            : size_bytes(size),
              bytes(static_cast<std::byte *>(
                        ::operator new (size, std::align_val_t{stick_table::kPage})),
                    [](std::byte *memory) {
                        ::operator delete (memory, std::align_val_t{stick_table::kPage});
                    })
        {
            std::memset(bytes.get(), 0, size);
        }
    };
    explicit TableFile(Memory memory) : memory_(std::move(memory)) {}

    Memory memory_;
};

}  // namespace stickybalancer::test
