// SPDX-License-Identifier: Apache-2.0
//
// A session table, instruction by instruction: what a kill leaves behind each of them, and what a change does
// between any two of a look.
// Caught if: there is one instruction at which a kill loses a session that is not being forgotten, leaves an
// entry that nobody can have any more, a number that is wrong, or a lock that nobody gets; or at which a
// reader can be made to miss a session.
#include <boost/test/unit_test.hpp>

#include <linux/futex.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

#include "core/stick_table/table_check.hpp"
#include "test/shared/stepped.hpp"
#include "test/shared/world.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using namespace stickybalancer::stick_table;

namespace {

constexpr int kSize = 16;
constexpr int kSubject = 99;
constexpr shm::Identity kOwner{7, 11};
constexpr std::int64_t kSecond = 1'000'000;
constexpr Limits kWait{{160 * kSecond}, false};

struct Copy : SharedMemory {
    Copy() : SharedMemory(Plan(kSize).size_bytes) {}
    StickTable table() const { return StickTable(attach(bytes(), size_bytes(), kOwner).memory); }
    Shard shard() const { return table().memory().shard(0); }
    Key key(int number) const { return table().key_of(0, "key " + std::to_string(number)); }
    Learned learn(int number, std::uint64_t member, std::int64_t now_s = 0,
                  Origin origin = Origin::kClient) const
    {
        return table().learn(key(number), member, origin, kWait, {now_s * kSecond});
    }
    // 0: nobody has it. Expired or not.
    std::uint64_t member_of(int number) const
    {
        const auto found = shard().find(key(number));
        return found ? found->session.member : 0;
    }
    std::uint32_t count(int first, int end) const
    {
        std::uint32_t count = 0;
        for (int number = first; number < end; ++number)
            count += member_of(number) == 1 ? 1 : 0;
        return count;
    }
};

struct Steps : Copy {
    Copy copy;
    std::uint32_t steps = 0;
    std::uint64_t seen_before = 0;  // the subject's member in the copy, before somebody writes

    Steps()
    {
        BOOST_TEST_REQUIRE(
            (format(bytes(), size_bytes(), kSize, kOwner, {3, 5}) == TableFault::kNone));
    }
    void fill(int count) const
    {
        for (int number = 0; number < count; ++number)
            BOOST_TEST_REQUIRE((learn(number, 1, number) == Learned::kLearned));
    }
    // What the kernel does to a robust mutex whose owner dies.
    static void bury_owner(shm::LockLine &lock, pid_t dead)
    {
        auto &word = lock.mutex.__data.__lock;
        if ((word & FUTEX_TID_MASK) == dead)
            word = (word & static_cast<int>(FUTEX_WAITERS)) | FUTEX_OWNER_DIED;
    }
    // The table as it would be if the process were killed now, and somebody else came to write.
    void copy_without(pid_t dead)
    {
        std::memcpy(copy.bytes(), bytes(), size_bytes());
        bury_owner(copy.shard().header().lock, dead);
        seen_before = copy.member_of(kSubject);
        copy.shard().expire(0, 0, kWait.expire, {0});
    }
    // At each instruction of the body: killed there, the subject has one of these members (0: none), the
    // structure is whole, and others go on.
    void kill_behind_each_step_of(const std::function<void()> &body,
                                  std::initializer_list<std::uint64_t> allowed,
                                  const std::function<void()> &check_others)
    {
        Stepped child(body);
        do {
            copy_without(child.pid());
            const auto fault = table_check(copy.table());
            BOOST_TEST_REQUIRE(fault == "", "killed behind step " << steps << ": " << fault);
            const auto member = copy.member_of(kSubject);
            BOOST_TEST_REQUIRE((std::find(allowed.begin(), allowed.end(), member) != allowed.end()),
                               "killed behind step " << steps << ": member " << member);
            check_others();
            BOOST_TEST_REQUIRE(
                (copy.learn(1000, 5, 500, Origin::kApplication) == Learned::kLearned));
            BOOST_TEST_REQUIRE((copy.learn(1000, 6, 500, Origin::kApplication) == Learned::kKnown));
            BOOST_TEST_REQUIRE(table_check(copy.table()) == "");
            ++steps;
        } while (child.step());
        BOOST_TEST(table_check(table()) == "");
    }
    std::function<void()> all_there(int count)
    {
        return [this, count] {
            BOOST_TEST_REQUIRE(copy.count(0, count) == static_cast<std::uint32_t>(count),
                               "killed behind step " << steps);
            const auto subject = copy.member_of(kSubject) != 0 ? 1U : 0U;
            BOOST_TEST_REQUIRE(copy.table().numbers().sessions ==
                               static_cast<std::uint32_t>(count) + subject);
        };
    }
    // Again and again: a look for the subject, and the change at two moments of it. What may be found.
    void look_while(const std::function<void()> &change,
                    std::initializer_list<std::uint64_t> allowed)
    {
        constexpr std::uint32_t kMostSteps = 70'000;
        constexpr std::uint64_t kNoAnswer = ~std::uint64_t{0};
        const SharedMemory answer(sizeof(std::atomic<std::uint64_t>));
        auto &found = *new (answer.bytes()) std::atomic<std::uint64_t>(kNoAnswer);
        const auto look = [&found, subject = key(kSubject), shard = shard()] {
            const auto session = shard.find(subject);
            found = session ? session->session.member : 0;
        };
        std::uint32_t length = 0;
        for (Stepped child(look); found == kNoAnswer && child.step();)
            ++length;
        Random random{7};
        // The first at each, as far as there is time.
        for (std::uint32_t round = 0; steps < kMostSteps; ++round) {
            const auto first = round % length, second = first + 1 + random.below(40);
            Stepped child(look);
            for (std::uint32_t step = 0; step <= second && child.step(); ++step, ++steps)
                if (step == first || step == second)
                    change();
            child.run();
            BOOST_TEST_REQUIRE(
                (std::find(allowed.begin(), allowed.end(), found.load()) != allowed.end()),
                "found " << found.load() << " with changes at steps " << first << " and " << second
                         << " of " << length);
        }
    }
    // Where the index leads to a key.
    base::Published<std::uint32_t> &word_of(int number) const
    {
        const auto found = shard().find(key(number));
        for (std::uint32_t bucket = 0; bucket < shard().bucket_count(); ++bucket)
            for (auto &word : shard().bucket(bucket).words)
                if (const auto entry = shard().entry_of(word.acquire());
                    entry && found && &shard().entry(*entry) == found->entry)
                    return word;
        throw std::logic_error("no word");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_steps_test, Steps)

BOOST_AUTO_TEST_CASE(killed_while_a_session_is_learned)
{
    fill(10);
    kill_behind_each_step_of([this] { learn(kSubject, 2, 20); }, {0, 2}, all_there(10));
    BOOST_TEST(member_of(kSubject) == 2u);
    BOOST_TEST(steps > 200u);
}

BOOST_AUTO_TEST_CASE(killed_while_a_session_moves_to_another_member)
{
    fill(kSize - 1);
    learn(kSubject, 1, 20);
    // Readers find it all the while, too: between the kill and the next who writes.
    kill_behind_each_step_of([this] { learn(kSubject, 2, 21); }, {1, 2},
                             [this] { BOOST_TEST_REQUIRE(seen_before != 0U); });
    BOOST_TEST(member_of(kSubject) == 2u);
}

BOOST_AUTO_TEST_CASE(killed_while_a_session_moves_the_others_stay)
{
    fill(10);
    learn(kSubject, 1, 20);
    kill_behind_each_step_of(
        [this] {
            learn(kSubject, 2, 21);
            learn(kSubject, 1, 22);
        },
        {1, 2}, all_there(10));
}

BOOST_AUTO_TEST_CASE(killed_while_a_session_that_has_expired_is_learned_anew)
{
    fill(10);
    learn(kSubject, 1, 0);
    kill_behind_each_step_of([this] { learn(kSubject, 2, 161); }, {1, 2}, all_there(10));
    BOOST_TEST(member_of(kSubject) == 2u);
}

BOOST_AUTO_TEST_CASE(killed_while_a_session_is_forgotten)
{
    fill(10);
    learn(kSubject, 1, 20);
    bool is_gone = false;
    const auto check = [&] {
        all_there(10)();
        // Once somebody has not found it, it stays so.
        is_gone = is_gone || seen_before == 0;
        BOOST_TEST_REQUIRE((!is_gone || copy.member_of(kSubject) == 0));
    };
    kill_behind_each_step_of([this] { table().forget(key(kSubject)); }, {0, 1}, check);
    BOOST_TEST(is_gone);
}

BOOST_AUTO_TEST_CASE(killed_while_one_makes_room_for_another)
{
    fill(kSize);
    kill_behind_each_step_of(
        [this] { learn(kSubject, 2, 20); }, {0, 2},
        [this] {
            // The one that was used least, and no other.
            BOOST_TEST_REQUIRE(copy.count(1, kSize) == static_cast<std::uint32_t>(kSize - 1));
            BOOST_TEST_REQUIRE((copy.member_of(kSubject) == 0 || copy.member_of(0) == 0));
        });
    BOOST_TEST(member_of(kSubject) == 2u);
    BOOST_TEST(member_of(0) == 0u);
}

BOOST_AUTO_TEST_CASE(killed_while_sessions_expire)
{
    fill(10);  // used at 0 to 9 s
    learn(kSubject, 1, 20);
    kill_behind_each_step_of(
        [this] { table().upkeep(kWait.expire, {165 * kSecond}); }, {1},
        [this] {
            BOOST_TEST_REQUIRE(copy.count(5, 10) == 5u);
            BOOST_TEST_REQUIRE(copy.table().numbers().sessions == copy.count(0, 10) + 1u);
        });
    BOOST_TEST(count(0, 10) == 5u);
    BOOST_TEST(table().numbers().expired == 5u);
}

BOOST_AUTO_TEST_CASE(killed_while_it_repairs)
{
    learn(kSubject, 1, 20);
    fill(10);
    word_of(kSubject).publish(0);              // the one has lost its word
    word_of(3).publish(word_of(4).acquire());  // the other's leads to another
    shard().header().free_head.store(7);
    shard().header().free_count.store(1);
    shard().header().used_end.store(2);
    shard().header().is_unchecked.store(1);
    kill_behind_each_step_of([this] { shard().repair_if_unchecked(); }, {1}, all_there(10));
    BOOST_TEST(shard().header().is_unchecked.load() == 0u);
    BOOST_TEST(steps > 500u);
}

BOOST_AUTO_TEST_CASE(killed_while_it_looks_and_keeps)
{
    fill(10);
    learn(kSubject, 1, 0);
    kill_behind_each_step_of(
        [this] {
            member_of(kSubject);
            table().keep(key(kSubject), kWait, {100 * kSecond});
            learn(kSubject, 1, 120);
        },
        {1}, all_there(10));
}

BOOST_AUTO_TEST_CASE(a_session_that_moves_between_any_two_instructions_of_a_look_is_found)
{
    learn(kSubject, 1);
    // Twice, so that the index leads again to where it led before.
    look_while([this] { learn(kSubject, member_of(kSubject) == 1 ? 2 : 1); }, {1, 2});
}

BOOST_AUTO_TEST_CASE(a_look_finds_no_other_session_whose_entry_was_anothers_meanwhile)
{
    constexpr int kOther = 98;
    learn(kSubject, 1);
    look_while(
        [this] {
            const bool is_there = member_of(kSubject) != 0;
            table().forget(key(is_there ? kSubject : kOther));
            learn(is_there ? kOther : kSubject, is_there ? 3 : 1);
        },
        {0, 1});
}

BOOST_AUTO_TEST_SUITE_END()
