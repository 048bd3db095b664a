// SPDX-License-Identifier: Apache-2.0
//
// The battery over forked processes of two threads each.
// Caught if: a limit is passed, an order is not kept, a wake-up is lost, a gauge is not exact, or a
// lock or a futex works within one process only.
#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "test/shared/battery.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr std::uint32_t kProcesses = 3;
constexpr std::uint32_t kRounds = 10'000;

[[noreturn]] void be_a_process(const World &world, std::uint32_t number)
{
    const auto slot = world.claim(static_cast<std::uint32_t>(getpid()));
    std::thread second([&] { work({world, slot, 2 * number, number + 50, false}, kRounds); });
    work({world, slot, 2 * number + 1, number + 70, false}, kRounds);
    second.join();
    _exit(slot == capacity::kNoProcess ? 1 : 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(forks_test)

BOOST_AUTO_TEST_CASE(processes_keep_limits_order_and_gauges)
{
    World world({kProcesses, 8});
    std::vector<pid_t> children;
    for (std::uint32_t number = 1; number <= kProcesses; ++number) {
        const auto child = fork();
        if (child == 0)
            be_a_process(world, number);
        children.push_back(child);
    }
    for (const auto child : children) {
        int status = -1;
        BOOST_TEST(waitpid(child, &status, 0) == child);
        BOOST_TEST(status == 0);
    }
    BOOST_TEST(world.what_went_wrong() == "");
    BOOST_TEST(world.what_is_left() == "");
    BOOST_TEST(world.audit.waited.load() > 0u);
    BOOST_TEST(world.audit.admitted.load() + world.audit.left + world.audit.timed_out +
                   world.audit.turned_away ==
               2u * kProcesses * kRounds);
}

BOOST_AUTO_TEST_SUITE_END()
