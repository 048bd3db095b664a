// SPDX-License-Identifier: Apache-2.0
//
// Session tables that somebody damaged: a disk, a cut, a machine that lost its power. Each is refused or used,
// and no more is lost than what was hit.
// Caught if: something is followed before it was checked (a sanitizer sees one byte too many: the memory has
// exactly the table's size); if one wrong bit loses more than one session, or gives one to another member; if
// what is left of damage keeps the table from being whole again.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "core/stick_table/table_check.hpp"
#include "test/shared/table_file.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using namespace stickybalancer::stick_table;

namespace {

constexpr std::size_t kHeads = kHeaderCopies * sizeof(TableHeader);
constexpr std::size_t kChecked = offsetof(HeaderCopy, check) + sizeof(HeaderCopy::check);

// A table in use, as a server leaves it; and what is where.
struct Used {
    TableFile file;
    std::vector<int> at_entry;  // the session there, -1: none

    explicit Used(std::uint64_t session_count = 300, int sessions = 250)
        : file(session_count), at_entry(file.plan().shard_count * file.plan().entries, -1)
    {
        file.learn(0, sessions + 20);
        file.forget(sessions, sessions + 20);  // so that some entries are free
        for (int number = 0; number < sessions; ++number)
            at_entry[file.entry_of(number)] = number;
    }
    int count() const
    {
        return static_cast<int>(std::count_if(at_entry.begin(), at_entry.end(),
                                              [](int number) { return number >= 0; }));
    }
    std::size_t buckets_at(std::size_t shard) const
    {
        return kHeads + shard * file.plan().shard_bytes + sizeof(ShardHeader);
    }
    std::size_t entries_at(std::size_t shard) const
    {
        return buckets_at(shard) + file.plan().buckets * sizeof(Bucket);
    }
    // The session whose entry this byte belongs to; -1: none.
    int session_at(std::size_t byte) const
    {
        if (byte < kHeads)
            return -1;
        const auto shard = (byte - kHeads) / file.plan().shard_bytes;
        return byte < entries_at(shard)
                   ? -1
                   : at_entry[shard * file.plan().entries + (byte - entries_at(shard)) / 64];
    }
    bool is_used_end(std::size_t byte) const
    {
        const auto at = byte < kHeads ? 0 : (byte - kHeads) % file.plan().shard_bytes;
        return byte >= kHeads && at >= offsetof(ShardHeader, used_end) &&
               at < offsetof(ShardHeader, used_end) + sizeof(std::uint32_t);
    }
    bool is_index(std::size_t byte) const
    {
        if (byte < kHeads)
            return false;
        const auto shard = (byte - kHeads) / file.plan().shard_bytes;
        return byte >= buckets_at(shard) && byte < entries_at(shard);
    }
};

// What a server that starts does with a file, and what is lost then. Requires that what is found is right,
// and that all goes on.
std::set<int> lost_in(const TableFile &file, int count)
{
    file.check_found(0, count);  // by readers, before anything is repaired
    BOOST_TEST_REQUIRE(file.attach().memory.restart());
    file.check_found(0, count);
    file.upkeep_all();
    BOOST_TEST_REQUIRE(table_check(file.table()) == "");
    const auto lost = file.check_found(0, count);
    BOOST_TEST_REQUIRE(file.table().numbers().sessions ==
                       static_cast<std::uint64_t>(count) - lost.size());
    // Others come, up to the last that there is room for, and some move.
    file.learn(5000, 5020);
    file.move(5000, 5020);
    BOOST_TEST_REQUIRE(table_check(file.table()) == "");
    return lost;
}

struct Damage {
    const Used &used;
    TableFile file;
    std::set<std::size_t> hit{};

    explicit Damage(const Used &whole) : used(whole), file(whole.file, whole.file.size_bytes()) {}
    void flip(std::size_t byte, unsigned bit)
    {
        file.bytes()[byte] ^= std::byte{1} << bit;
        hit.insert(byte);
    }
    void overwrite(std::size_t block, Random &random)
    {
        for (auto byte = block; byte < std::min(block + 64, file.size_bytes()); ++byte) {
            file.bytes()[byte] = std::byte(random.below(256));
            hit.insert(byte);
        }
    }
    // Where both heads were hit nothing else is known.
    bool may_be_refused() const
    {
        return hit.lower_bound(0) != hit.lower_bound(kChecked) &&
               hit.lower_bound(sizeof(TableHeader)) !=
                   hit.lower_bound(sizeof(TableHeader) + kChecked);
    }
    // Those whose entries were hit. Only where the number of used entries was hit as well as the index,
    // others may be: they are looked for up to that number.
    bool may_be_lost(int number) const
    {
        const auto any = [this](auto is_such) {
            return std::any_of(hit.begin(), hit.end(), is_such);
        };
        return any([&](std::size_t byte) { return used.session_at(byte) == number; }) ||
               (any([&](std::size_t byte) { return used.is_used_end(byte); }) &&
                any([&](std::size_t byte) { return used.is_index(byte); }));
    }
    // How many were lost; -1: the file was refused.
    int try_it() const
    {
        if (file.attach().fault != TableFault::kNone) {
            BOOST_TEST_REQUIRE(may_be_refused());
            return -1;
        }
        const auto lost = lost_in(file, used.count());
        for (const auto number : lost)
            BOOST_TEST_REQUIRE(may_be_lost(number),
                               "session " << number << " was lost, and not hit");
        return static_cast<int>(lost.size());
    }
};

// A machine that lost its power has written some pages, and not others.
TableFile after_power_loss(const TableFile &earlier, const TableFile &later, Random &random)
{
    TableFile file(later, later.size_bytes());
    for (std::size_t page = 0; page + kPage <= file.size_bytes(); page += kPage)
        if (random.below(2) == 0)
            std::memcpy(file.bytes() + page, earlier.bytes() + page, kPage);
    BOOST_TEST_REQUIRE(file.attach().memory.restart());
    file.upkeep_all();
    BOOST_TEST_REQUIRE(table_check(file.table()) == "");
    return file;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(table_damage_test)

BOOST_AUTO_TEST_CASE(an_undamaged_file_is_taken)
{
    const Used used;
    BOOST_TEST(Damage(used).try_it() == 0);
}

BOOST_AUTO_TEST_CASE(every_bit_of_either_head_may_be_wrong)
{
    const Used used;
    for (std::size_t copy = 0; copy < kHeaderCopies; ++copy)
        for (std::size_t byte = 0; byte < sizeof(HeaderCopy) + 16; ++byte)
            for (unsigned bit = 0; bit < 8; ++bit) {
                Damage damage(used);
                damage.flip(copy * sizeof(TableHeader) + byte, bit);
                BOOST_TEST_REQUIRE(damage.try_it() == 0);
            }
}

BOOST_AUTO_TEST_CASE(both_heads_wrong_are_refused)
{
    const Used used;
    for (std::size_t byte = 0; byte < kChecked; ++byte) {
        Damage damage(used);
        damage.flip(byte, byte % 8);
        damage.flip(sizeof(TableHeader) + (byte * 7) % kChecked, (byte + 3) % 8);
        BOOST_TEST_REQUIRE(damage.try_it() == -1, "byte " << byte);
    }
}

BOOST_AUTO_TEST_CASE(a_page_of_the_head_may_be_gone)
{
    const Used used;
    for (const int fill : {0, 0xFF})
        for (std::size_t copy = 0; copy < kHeaderCopies; ++copy) {
            Damage damage(used);
            std::memset(damage.file.bytes() + copy * kPage, fill, kPage);
            BOOST_TEST(damage.try_it() == 0);
        }
}

BOOST_AUTO_TEST_CASE(a_file_that_was_cut_short_is_refused_until_it_is_made_whole)
{
    const Used used;
    const auto whole = used.file.size_bytes();
    for (std::size_t size = 0; size < whole; size += size % 64 == 63 ? 1 : 63) {
        const TableFile cut(used.file, size);
        const auto attached = cut.attach();
        BOOST_TEST_REQUIRE(
            (attached.fault == (size < kPage ? TableFault::kTooSmall : TableFault::kTruncated)));
        if (size < kPage)
            continue;
        BOOST_TEST_REQUIRE(attached.memory.plan().size_bytes == whole);
        const TableFile extended(cut, whole);
        // A session is there as long as all of its entry that says anything is.
        const auto lost = lost_in(extended, used.count());
        for (int number = 0; number < used.count(); ++number) {
            const auto entry = used.entries_at(0) + used.file.entry_of(number) * 64;
            BOOST_TEST_REQUIRE((entry + 64 > size || lost.count(number) == 0));
            BOOST_TEST_REQUIRE((entry < size || lost.count(number) == 1));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_bit_of_a_shards_head_may_be_wrong)
{
    const Used used;
    for (std::size_t byte = 0; byte < sizeof(ShardHeader); ++byte)
        for (unsigned bit = 0; bit < 8; ++bit) {
            Damage damage(used);
            damage.flip(kHeads + byte, bit);
            BOOST_TEST_REQUIRE(damage.try_it() == 0);
        }
}

BOOST_AUTO_TEST_CASE(every_byte_of_the_index_may_be_wrong)
{
    const Used used;
    for (auto byte = used.buckets_at(0); byte < used.entries_at(0); ++byte) {
        Damage damage(used);
        damage.flip(byte, byte * 5 % 8);
        BOOST_TEST_REQUIRE(damage.try_it() == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_bit_of_an_entry_loses_that_session_and_is_counted)
{
    const Used used;
    for (const int number : {0, 17, 249})
        for (std::size_t byte = 0; byte < sizeof(Entry); ++byte)
            for (unsigned bit = 0; bit < 8; ++bit) {
                Damage damage(used);
                damage.flip(used.entries_at(0) + used.file.entry_of(number) * 64 + byte, bit);
                const auto lost = damage.try_it();
                const bool is_of_session =
                    byte >= offsetof(Entry, check) && byte < offsetof(Entry, requests);
                const auto damaged = damage.file.table().numbers().damaged;
                BOOST_TEST_REQUIRE((!is_of_session || (lost == 1 && damaged == 1)),
                                   "byte " << byte << " bit " << bit << " lost " << lost);
            }
}

BOOST_AUTO_TEST_CASE(bits_may_flip_anywhere)
{
    const Used used;
    Random random{2024};
    int lost = 0;
    for (int round = 0; round < 4000; ++round) {
        Damage damage(used);
        const auto flips = 1 + random.below(64);
        for (std::uint32_t flip = 0; flip < flips; ++flip) {
            const auto byte = random.below(static_cast<std::uint32_t>(used.file.size_bytes()));
            damage.flip(byte, random.below(8));
        }
        lost += damage.try_it();
    }
    BOOST_TEST(lost > 4000);
}

BOOST_AUTO_TEST_CASE(blocks_may_be_overwritten_anywhere)
{
    const Used used;
    Random random{4711};
    int lost = 0;
    const auto blocks = static_cast<std::uint32_t>(used.file.size_bytes() / 64);
    for (int round = 0; round < 4000; ++round) {
        Damage damage(used);
        for (auto count = 1 + random.below(8); count > 0; --count)
            damage.overwrite(std::size_t{random.below(blocks)} * 64, random);
        lost += std::max(0, damage.try_it());
    }
    BOOST_TEST(lost > 4000);
}

BOOST_AUTO_TEST_CASE(a_table_of_two_shards_may_be_damaged_anywhere)
{
    const Used used(40'001, 39'000);
    BOOST_TEST(used.file.plan().shard_count == 2u);
    Random random{99};
    for (int round = 0; round < 15; ++round) {
        Damage damage(used);
        for (int flip = 0; flip < 300; ++flip)
            damage.flip(random.below(static_cast<std::uint32_t>(used.file.size_bytes())),
                        random.below(8));
        BOOST_TEST(damage.try_it() >= 0);
    }
}

BOOST_AUTO_TEST_CASE(pages_may_be_of_different_times)
{
    const Used earlier(1000, 980);
    const TableFile later(earlier.file, earlier.file.size_bytes());
    later.move(300, 450);
    for (int times = 0; times < 3; ++times) {  // gone, and back at another place
        later.forget(450, 900);
        later.learn(2000 + 13 * times, 2013 + 13 * times);
        later.learn(450, 900);
    }
    later.forget(900, 960);
    later.learn(3000, 3041);
    Random random{5};
    for (int round = 0; round < 300; ++round) {
        const auto file = after_power_loss(earlier.file, later, random);
        // Who did nothing meanwhile is where it was; all others can go on.
        BOOST_TEST_REQUIRE(file.check_found(0, 300).empty());
        file.move(0, 300);
        file.learn(450, 900);
        file.learn(5000, 6000);
        BOOST_TEST_REQUIRE(table_check(file.table()) == "");
    }
}

BOOST_AUTO_TEST_CASE(pages_of_two_full_tables_leave_room_to_move)
{
    const TableFile earlier(1000);
    earlier.learn(0, 1000);
    const TableFile later(earlier, earlier.size_bytes());
    later.forget(0, 1000);
    later.learn(2000, 3000);
    later.move(2500, 2501);  // another entry is free than earlier
    Random random{6};
    for (int round = 0; round < 100; ++round) {
        const auto file = after_power_loss(earlier, later, random);
        file.learn(5000, 5001);
        file.move(5000, 5001);
        BOOST_TEST_REQUIRE(file.check_found(5000, 5001).empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
