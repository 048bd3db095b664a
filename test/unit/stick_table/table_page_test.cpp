// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <map>

#include "core/stick_table/table_page.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using stick_table::Origin;

namespace {

constexpr base::TimeUs kNow{1000 * kSecond};
constexpr std::uint64_t kA = 100, kB = 200;

using Seen = std::map<std::uint64_t, int>;  // how often, by a session's digest

struct Paged {
    Table memory{1000};
    stick_table::StickTable table = memory.table();

    static void learn(const stick_table::StickTable &into, int number, std::uint64_t member = kA,
                      base::TimeUs now = kNow)
    {
        BOOST_TEST_REQUIRE(
            (into.learn(into.key_of(0, std::to_string(number)), member, Origin::kClient, kLimits,
                        now) == stick_table::Learned::kLearned));
    }
    // The pages, each after what happens between it and the one before; how many there were.
    template <typename Happens>
    static int read_all(const stick_table::TablePair &tables, std::uint32_t most, Seen &seen,
                        const Happens &happens)
    {
        std::uint64_t from = 0;
        int pages = 0;
        do {
            std::uint32_t count = 0;
            from = stick_table::TablePage(tables, kLimits.expire, kNow)
                       .read(from, most, [&](const stick_table::Session &session) {
                           ++seen[session.key.high];
                           ++count;
                       });
            BOOST_TEST_REQUIRE(count <= most);
            happens(++pages);
        } while (from != 0);
        return pages;
    }
    static int read_all(const stick_table::TablePair &tables, std::uint32_t most, Seen &seen)
    {
        return read_all(tables, most, seen, [](int) {});
    }
    std::uint64_t digest(int number) const { return table.key_of(0, std::to_string(number)).high; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_page_test, Paged)

BOOST_AUTO_TEST_CASE(each_session_is_on_one_page)
{
    for (int i = 0; i < 100; ++i)
        learn(table, i);
    Seen seen;
    const auto pages = read_all(stick_table::TablePair(table), 7, seen);
    BOOST_TEST(pages >= 15);
    BOOST_TEST(seen.size() == 100u);
    for (const auto &[digest, times] : seen)
        BOOST_TEST(times == 1);
}

BOOST_AUTO_TEST_CASE(an_empty_table_is_one_empty_page)
{
    Seen seen;
    BOOST_TEST(read_all(stick_table::TablePair(table), 7, seen) == 1);
    BOOST_TEST(seen.empty());
}

BOOST_AUTO_TEST_CASE(who_has_expired_is_on_none)
{
    learn(table, 1, kA, {kNow.us - kLimits.expire.us});
    learn(table, 2, kA, {kNow.us - kLimits.expire.us - 1});
    Seen seen;
    read_all(stick_table::TablePair(table), 7, seen);
    BOOST_TEST(seen.count(digest(1)) == 1u);
    BOOST_TEST(seen.count(digest(2)) == 0u);
}

BOOST_AUTO_TEST_CASE(what_changes_between_two_pages_hides_nobody_else)
{
    for (int i = 0; i < 100; ++i)
        learn(table, i);
    Seen seen;
    read_all(stick_table::TablePair(table), 10, seen, [&](int page) {
        table.forget(table.key_of(0, std::to_string(page)));
        table.learn(table.key_of(0, std::to_string(50 + page)), kB, Origin::kApplication, kLimits,
                    kNow);
        learn(table, 1000 + page);
    });
    for (int i = 70; i < 100; ++i)
        BOOST_TEST(seen[digest(i)] == 1);
    for (int i = 51; i < 61; ++i)  // moved to another member
        BOOST_TEST(seen[digest(i)] == 1);
}

BOOST_AUTO_TEST_CASE(who_is_in_the_table_of_before_comes_behind_and_once)
{
    const Table memory_of_before{50};
    const auto earlier = memory_of_before.table();
    table = stick_table::StickTable(table.memory().with_secret(earlier.memory().secret()));
    for (int i = 0; i < 20; ++i)
        learn(earlier, i);
    for (int i = 10; i < 30; ++i)
        learn(table, i, kB);
    Seen seen;
    read_all(stick_table::TablePair(table, &earlier), 3, seen);
    BOOST_TEST(seen.size() == 30u);
    for (const auto &[digest, times] : seen)
        BOOST_TEST(times == 1);
}

BOOST_AUTO_TEST_CASE(what_is_beyond_the_end_is_the_end)
{
    learn(table, 1);
    for (const auto from : {std::uint64_t{1} << 40, ~std::uint64_t{0}})
        BOOST_TEST(stick_table::TablePage(stick_table::TablePair(table), kLimits.expire, kNow)
                       .read(from, 7, [](const stick_table::Session &) {
                           BOOST_ERROR("nobody is there");
                       }) == 0u);
}

// 30 shards of two sessions each: a page ends before all are looked through.
BOOST_AUTO_TEST_CASE(one_page_looks_at_so_much_only)
{
    const Table large{1'200'000};
    const auto its = large.table();
    for (int i = 0; i < 60; ++i)
        learn(its, i);
    Seen seen;
    const auto pages = read_all(stick_table::TablePair(its), 1000, seen);
    BOOST_TEST(pages == 2);
    BOOST_TEST(seen.size() == 60u);
}

BOOST_AUTO_TEST_SUITE_END()
