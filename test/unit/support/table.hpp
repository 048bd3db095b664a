// SPDX-License-Identifier: Apache-2.0
//
// A session table in the test's own memory, of exactly the size that was asked for.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <memory>
#include <new>
#include <ostream>
#include <string>

#include "core/stick_table/stick_table.hpp"
#include "core/stick_table/table_check.hpp"
#include "test/unit/support/members.hpp"

namespace stickybalancer::stick_table {
inline std::ostream &operator<<(std::ostream &out, TableFault fault)
{
    return out << fault_name(fault);
}
inline std::ostream &operator<<(std::ostream &out, Learned learned)
{
    return out << "Learned " << static_cast<int>(learned);
}
inline std::ostream &operator<<(std::ostream &out, Reading reading)
{
    return out << "Reading " << static_cast<int>(reading);
}
}  // namespace stickybalancer::stick_table

namespace stickybalancer::test {

inline constexpr shm::Identity kTableOwner{7, 11};
inline constexpr stick_table::Limits kLimits{{160 * kSecond}, false};
inline constexpr stick_table::Limits kRefusing{{160 * kSecond}, true};

struct TableBytes {
    std::size_t size_bytes;
    std::unique_ptr<std::byte, void (*)(std::byte *)> bytes;

    explicit TableBytes(std::size_t size)
        : size_bytes(size),
          bytes(
              static_cast<std::byte *>(::operator new (size, std::align_val_t{stick_table::kPage})),
              [](std::byte *memory) {
                  ::operator delete (memory, std::align_val_t{stick_table::kPage});
              })
    {
        std::memset(bytes.get(), 0, size);
    }
    stick_table::AttachedTable attach() const
    {
        return stick_table::attach(bytes.get(), size_bytes, kTableOwner);
    }
    stick_table::HeaderCopy &head(std::size_t copy = 0) const
    {
        return reinterpret_cast<stick_table::TableHeader *>(bytes.get())[copy].copy;
    }
};

struct Table : TableBytes {
    explicit Table(std::uint64_t session_count)
        : TableBytes(stick_table::Plan(session_count).size_bytes)
    {
        BOOST_TEST_REQUIRE(stick_table::format(bytes.get(), size_bytes, session_count, kTableOwner,
                                               {3, 5}) == stick_table::TableFault::kNone);
    }
    stick_table::StickTable table() const { return stick_table::StickTable(attach().memory); }
    std::string check() const { return stick_table::table_check(table()); }

    stick_table::Key key(const std::string &text) const { return table().key_of(0, text); }
    stick_table::Key key(int number) const { return key("key " + std::to_string(number)); }
    stick_table::Learned learn(int number, std::uint64_t member, std::int64_t now_s,
                               stick_table::Origin origin = stick_table::Origin::kClient,
                               const stick_table::Limits &limits = kLimits) const
    {
        return table().learn(key(number), member, origin, limits, {now_s * kSecond});
    }
    // 0: nobody.
    std::uint64_t member_of(int number, std::int64_t now_s) const
    {
        const auto found = table().find(key(number), kLimits.expire, {now_s * kSecond});
        return found ? found->member : 0;
    }
    int count_of(int first, int end, std::int64_t now_s) const
    {
        int count = 0;
        for (int number = first; number < end; ++number)
            count += member_of(number, now_s) != 0;
        return count;
    }
};

}  // namespace stickybalancer::test
