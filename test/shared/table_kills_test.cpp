// SPDX-License-Identifier: Apache-2.0
//
// The battery of a session table over processes that are killed at any instruction, while others go on.
// Caught if: a killed writer takes more with it than what it was writing, leaves a lock that nobody gets, an
// entry that nobody can have, or a session that comes back.
#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>

#include "test/shared/sessions.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr std::uint32_t kProcesses = 3;
constexpr std::uint32_t kForever = 0xFFFFFFFF;

class Children {
public:
    explicit Children(const SessionWorld &world) : world_(world) {}
    ~Children()
    {
        for (std::uint32_t who = 0; who < kProcesses; ++who)
            end(who);
    }
    Children(const Children &) = delete;
    Children &operator=(const Children &) = delete;

    // Each at some instruction, and another takes its place.
    void kill_some(std::uint64_t count)
    {
        for (const auto before = kills; kills < before + count;) {
            for (std::uint32_t who = 0; who < kProcesses; ++who)
                start(who);
            for (int tick = 0; tick < 4; ++tick) {
                const timespec some{0, random_.below(150'000)};
                nanosleep(&some, nullptr);
                world_.try_tick();
            }
            end(random_.below(kProcesses));
        }
        for (std::uint32_t who = 0; who < kProcesses; ++who)
            end(who);
        for (int tick = 0; tick < 20; ++tick)
            world_.try_tick();  // clients' sessions expire
    }
    std::uint64_t kills = 0;

private:
    void start(std::uint32_t who)
    {
        if (pids_[who] != 0)
            return;
        world_.read_clock(who);
        const auto child = fork();
        if (child == 0)
            work({world_, who, kProcesses, kills}, kForever);
        pids_[who] = child;
    }
    void end(std::uint32_t who)
    {
        if (pids_[who] == 0)
            return;
        kill(pids_[who], SIGKILL);
        waitpid(pids_[who], nullptr, 0);
        pids_[who] = 0;
        ++kills;
        world_.settle(who, kProcesses);
    }

    const SessionWorld &world_;
    std::array<pid_t, kProcesses> pids_{};
    Random random_{42};
};

// So many generations; and more, where the machine is so busy that few were killed while they wrote.
void kill_generations(Children &children, const SessionWorld &world, int count,
                      std::uint32_t least_interrupted)
{
    for (int generation = 0; generation < count || (world.audit.interrupted <= least_interrupted &&
                                                    generation < 10 * count);
         ++generation) {
        children.kill_some(60);
        BOOST_TEST_REQUIRE(world.what_is_wrong(children.kills) == "");
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(table_kills_test)

BOOST_AUTO_TEST_CASE(whatever_is_killed_in_a_small_table_takes_nothing_with_it)
{
    const SessionWorld world(64, 12);
    Children children(world);
    kill_generations(children, world, 40, 50);
    BOOST_TEST(world.audit.changes > 10'000u);
    BOOST_TEST(world.audit.interrupted > 50u);
    BOOST_TEST(world.table().numbers().evicted > 0u);
    BOOST_TEST(world.table().numbers().expired > 0u);
}

BOOST_AUTO_TEST_CASE(whatever_is_killed_in_a_table_of_two_shards_takes_nothing_with_it)
{
    const SessionWorld world(50'000, 255);
    Children children(world);
    kill_generations(children, world, 10, 10);
    BOOST_TEST(world.table().memory().plan().shard_count == 2u);
    BOOST_TEST(world.audit.changes > 1000u);
    BOOST_TEST(world.audit.interrupted > 10u);
}

BOOST_AUTO_TEST_SUITE_END()
