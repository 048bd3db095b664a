// SPDX-License-Identifier: Apache-2.0
//
// Instruction by instruction: what a kill leaves behind each of them, and what an end does between
// any two of an arrival.
// Caught if: there is one instruction at which a kill leaves a gauge, a waiter, a quick number or
// half a record, or at which a wake-up is lost.
#include <boost/test/unit_test.hpp>

#include <linux/futex.h>

#include <cstring>
#include <functional>

#include "core/shm/places.hpp"
#include "test/shared/battery.hpp"
#include "test/shared/stepped.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

struct Steps {
    World world{{2, 2}};
    SharedMemory copy_memory{world.memory().size_bytes()};
    shm::Region copy;
    shm::Block copied;
    std::uint32_t steps = 0;

    capacity::Entrance entrance(std::uint32_t process) const
    {
        return capacity::Entrance({world.region, world.block, process, true});
    }
    // What the kernel does to a robust mutex whose owner dies.
    static void bury_owner(shm::LockLine &lock, pid_t dead)
    {
        auto &word = lock.mutex.__data.__lock;
        if ((word & FUTEX_TID_MASK) == dead)
            word = (word & static_cast<int>(FUTEX_WAITERS)) | FUTEX_OWNER_DIED;
    }
    // The region as it would be if the process were killed now.
    void copy_without(pid_t dead)
    {
        std::memcpy(copy_memory.bytes(), world.memory().bytes(), copy_memory.size_bytes());
        const auto attached = shm::attach(copy_memory.bytes(), copy_memory.size_bytes());
        BOOST_TEST_REQUIRE((attached.fault == shm::RegionFault::kNone));
        copy = attached.region;
        BOOST_TEST_REQUIRE(copy.block_at(world.block.offset(), copied));
        bury_owner(copy.header().lock, dead);
        for (std::uint32_t place = 0; place < kPlaces; ++place)
            bury_owner(copied.queue(place).lock, dead);
    }
    // After each instruction of the body: killed there and reclaimed, nothing is left.
    void kill_behind_each_step_of(const std::function<void(std::uint32_t process)> &body,
                                  bool is_claimed_before = true)
    {
        Stepped child([&] {
            const auto pid = static_cast<std::uint32_t>(getpid());
            body(capacity::find_process(world.region, pid));
        });
        const auto pid = static_cast<std::uint32_t>(child.pid());
        if (is_claimed_before)
            world.claim(pid);
        do {
            copy_without(child.pid());
            capacity::Wakes wakes;
            const shm::RegionLock lock(copy);
            if (const auto process = capacity::find_process(copy, pid);
                process != capacity::kNoProcess)
                capacity::reclaim(lock, process, wakes);
            const auto left = what_is_left(copy, copied);
            BOOST_TEST_REQUIRE(left == "", "killed behind step " << steps << ": " << left);
            BOOST_TEST_REQUIRE(is_whole(copy.read_record(lock, copied, kRecordPlace)));
            ++steps;
        } while (child.step());
        world.reclaim(pid);
        BOOST_TEST_REQUIRE(world.what_is_left() == "");
    }
    void write(std::uint32_t number)
    {
        const shm::RegionLock lock(world.region);
        world.region.write_record(lock, world.block, kRecordPlace, record_number(number));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(steps_test, Steps)

BOOST_AUTO_TEST_CASE(killed_in_an_attempt)
{
    kill_behind_each_step_of([this](std::uint32_t process) {
        const auto gauges = entrance(process).gauges();
        const auto attempt = gauges.begin(3);
        gauges.begin_connecting(3);
        gauges.end_connecting(3);
        gauges.end(attempt);
    });
    BOOST_TEST(steps > 50u);
}

BOOST_AUTO_TEST_CASE(killed_while_let_in_by_a_limit_queued_woken_or_leaving)
{
    kill_behind_each_step_of([this](std::uint32_t process) {
        const auto own = entrance(process);
        capacity::Waiting first, second, third;
        const auto holding = own.enter(0, kLimits[0], {1}, first);
        own.enter(0, kLimits[0], {2}, second);
        own.enter(0, kLimits[0], {3}, third);
        own.leave(kLimits[0], third);
        own.end(holding.attempt);
        own.end(own.look(kLimits[0], {4}, second).attempt);
    });
    BOOST_TEST(steps > 200u);
}

BOOST_AUTO_TEST_CASE(killed_while_a_record_is_written)
{
    write(7);
    kill_behind_each_step_of([this](std::uint32_t) { write(8); });
    const shm::RegionLock lock(world.region);
    BOOST_TEST(world.region.read_record(lock, world.block, kRecordPlace).identity.high == 8u);
}

BOOST_AUTO_TEST_CASE(killed_while_it_claims_a_slot_and_gives_it_back)
{
    kill_behind_each_step_of(
        [this](std::uint32_t) {
            const auto pid = static_cast<std::uint32_t>(getpid());
            const auto process = world.claim(pid);
            entrance(process).gauges().begin(1);
            capacity::Waiting waiting;
            entrance(process).enter(0, kLimits[0], {1}, waiting);
            entrance(process).enter(0, kLimits[0], {1}, waiting);
            capacity::Wakes wakes;
            const shm::RegionLock lock(world.region);
            capacity::reclaim(lock, process, wakes);
        },
        false);
}

BOOST_AUTO_TEST_CASE(an_end_between_any_two_instructions_of_an_arrival_is_not_missed)
{
    const auto own = entrance(world.claim(1));
    const auto other = entrance(world.claim(2));
    const auto arrive = [&] {
        capacity::Waiting waiting;
        const auto admission = other.enter(0, kLimits[0], now(), waiting);
        // Left to sleep, with nobody to wake it: the word is what it waits on.
        world.audit.stage = admission.verdict == capacity::Verdict::kAdmitted ? 1 : 2;
        world.audit.waited = admission.wait.value;
        if (admission.verdict == capacity::Verdict::kAdmitted)
            other.end(admission.attempt);
    };
    const auto arrive_and_end_at = [&](std::uint32_t moment) {
        capacity::Waiting none;
        const auto attempt = own.enter(0, kLimits[0], now(), none).attempt;
        Stepped child(arrive);
        std::uint32_t step = 0;
        while (step < moment && child.step())
            ++step;
        own.end(attempt);
        child.run();
        const bool is_woken = world.audit.stage == 1 ||
                              world.region.waiter(1, 0).word.load() != world.audit.waited.load();
        BOOST_TEST_REQUIRE(is_woken, "the end at step " << moment << " was missed");
        world.reclaim(2);
        world.claim(2);
        return step == moment;
    };
    // Some 40 moments, spread evenly: each takes as many steps as come before it.
    std::uint32_t last = 0;
    for (std::uint32_t moment = 1; arrive_and_end_at(moment); moment *= 2)
        last = moment;
    const auto stride = std::max(1U, 2 * last / 40);
    for (std::uint32_t moment = 0; arrive_and_end_at(moment); moment += stride)
        ++steps;
    BOOST_TEST(steps > 15u);
    BOOST_TEST(world.what_is_left() == "");
}

BOOST_AUTO_TEST_SUITE_END()
