// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cstring>
#include <new>
#include <thread>

#include "core/shm/robust_lock.hpp"

using namespace stickybalancer::shm;

namespace {

struct Lock {
    LockLine line;
    Lock()
    {
        std::memset(static_cast<void *>(&line), 0xA5, sizeof(line));
        BOOST_TEST_REQUIRE(init_lock(line));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(robust_lock_test, Lock)

BOOST_AUTO_TEST_CASE(it_is_held_and_given_back)
{
    for (int i = 0; i < 2; ++i) {
        const RobustGuard guard(line);
        BOOST_TEST(guard.is_held());
        BOOST_TEST(!guard.owner_died());
        bool is_free = true;
        std::thread([&] { is_free = pthread_mutex_trylock(&line.mutex) == 0; }).join();
        BOOST_TEST(!is_free);
    }
}

BOOST_AUTO_TEST_CASE(the_next_is_told_that_the_owner_died_and_the_one_after_it_is_not)
{
    alignas(RobustGuard) unsigned char abandoned[sizeof(RobustGuard)];
    std::thread([&] { new (abandoned) RobustGuard(line); }).join();
    {
        const RobustGuard next(line);
        BOOST_TEST(next.is_held());
        BOOST_TEST(next.owner_died());
    }
    const RobustGuard after(line);
    BOOST_TEST(after.is_held());
    BOOST_TEST(!after.owner_died());
}

BOOST_AUTO_TEST_SUITE_END()
